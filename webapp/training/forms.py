"""The forms of the admin, made from the declarations: a new setting appears in them by itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from inference.catalog.configuration import DEFAULTS, GROUPS, SETTINGS, settings_for
from inference.catalog.networks import NETWORKS
from inference.data.zip_names import ENCODINGS
from webapp.core.clean_names import CleanCharField
from webapp.core.errors import Refusal
from webapp.core.option_fields import field_of
from webapp.core.shown import shown
from webapp.training.datasets import trainable
from webapp.training.services import checked


class TrainingForm(forms.Form):
    """One field for each setting, in the groups and with the sentences of its declaration."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        datasets = trainable()
        self.networks = {slug: record.network for slug, record in datasets.items()}  # what each dataset proposes
        self.fields.update({name: field_of(setting) for name, setting in settings_for(datasets).items()})
        shown = self.initial.get("dataset", DEFAULTS["dataset"])
        self.fields["proposed_for"] = forms.CharField(required=False, initial=shown, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """The values, checked together as every other door checks them."""
        values = super().clean() or {}
        seen = values.pop("proposed_for", "")
        if not self.errors:
            self._propose_network(values, seen)
        if not self.errors:
            try:
                checked(values)
            except Refusal as refusal:
                self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
        return values

    def _propose_network(self, values: dict[str, Any], seen: str) -> None:
        """Ask once, where the network is still the one that was proposed for another dataset.

        With JavaScript the form has changed it already, and `proposed_for` with it.
        """
        dataset, network = values["dataset"], values["network"]
        proposed = self.networks[dataset]
        if seen in (dataset, "") or network != self.networks.get(seen) or network == proposed:
            return
        again = {name: self.data.get(name) for name in self.data}
        self.data = again | {"network": proposed, "proposed_for": dataset}  # what is shown again
        message = gettext("For this dataset %(network)s is proposed, and chosen now. Keep it or choose another.")
        self.add_error("network", message % {"network": shown(NETWORKS[proposed].name)})

    def groups(self) -> list[dict[str, Any]]:
        """The bound fields, group by group, each with its declaration."""
        return [
            {
                "slug": slug,
                "title": gettext(title),
                "fields": [
                    {"bound": self[name], "setting": setting, "offered": list(setting.offered)}
                    for name, setting in SETTINGS.items()
                    if setting.group == slug
                ],
            }
            for slug, title in GROUPS.items()
        ]


class OwnPicturesForm(forms.Form):
    """A name and a ZIP."""

    name = CleanCharField(label=_("Name"), max_length=60, help_text=_("What the pictures show, in your words."))
    archive = forms.FileField(
        label=_("ZIP file"),
        help_text=_(
            "One folder for each class, named as the class; at least two classes with five pictures each. Where the "
            "folders lie in “train”, “val” and “test”, these parts are kept."
        ),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    encoding = forms.ChoiceField(
        label=_("Names are written in"),
        required=False,
        choices=[(key, gettext_lazy(words)) for key, words in ENCODINGS.items()],
        help_text=_("Only for names that the ZIP itself does not tell of; choose if they were read wrongly."),
    )
