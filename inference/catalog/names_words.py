"""What people read of data that come with Gibbon: marked here, so that it can be translated when it is shown.

Cards, samples and records keep it in English; a test holds these beside them. Imports no torch.
"""

from attacks.words import gettext_noop as _

KNOWN = frozenset(
    {
        _("ImageNet-1k (ILSVRC 2012), 1000 classes"),
        _("the 20 ImageNet photographs that foolbox 3.3.4 carries"),
        _("the sample photographs here with a known truth"),
        _(
            "ImageNet's validation set, 50,000 photographs, by the network's authors for their float32 checkpoint; "
            "not measured again here"
        ),
        _("LeNet-5 on MNIST"),
        _("LeNet-5 on MNIST, wide"),
        _("LeNet-5 on MNIST, hardened"),
        _("Small convolutional network"),
        _("EfficientNet-Lite0, transferred"),
        _("German traffic signs (GTSRB)"),
        _("A giant panda"),
        _("A giant panda sits on rocks in front of a bare tree."),
        _("A cameraman"),
        _("A man in a dark coat looks through a camera on a tripod; black and white."),
        _("A cup of espresso"),
        _("A cup of espresso on a red saucer, with a spoon, on a wooden table."),
        _("A polar bear"),
        _("A polar bear walks over stones and thin snow, low bushes behind."),
        _("The walls of Carcassonne"),
        _("Medieval stone walls and towers above a grassy slope."),
        _("The Palace of the Winds in Jaipur"),
        _("A pink palace front of many small windows and domes."),
        _("The Great Stupa at Sanchi"),
        _("A great dome of brick with a stone gateway before it, in evening light."),
        _("Chelsea, a tabby cat"),
        _("The face of a tabby cat from close by: eyes, nose and whiskers."),
        _("A marsh crocodile"),
        _("A crocodile lies on a muddy bank beside the water."),
        _("marsh crocodile"),
        _("A rocket before its launch"),
        _("A white rocket on its launch pad between four lattice towers at dusk."),
        _("space rocket"),
        _("A handwritten 0"),
        _("The digit zero, handwritten: white on black."),
        _("A handwritten 1"),
        _("The digit one, handwritten: white on black."),
        _("A handwritten 2"),
        _("The digit two, handwritten: white on black."),
        _("A handwritten 3"),
        _("The digit three, handwritten: white on black."),
        _("A handwritten 4"),
        _("The digit four, handwritten: white on black."),
        _("A handwritten 5"),
        _("The digit five, handwritten: white on black."),
        _("A handwritten 6"),
        _("The digit six, handwritten: white on black."),
        _("A handwritten 7"),
        _("The digit seven, handwritten: white on black."),
        _("A handwritten 8"),
        _("The digit eight, handwritten: white on black."),
        _("A handwritten 9"),
        _("The digit nine, handwritten: white on black."),
    }
)
