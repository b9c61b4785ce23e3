"""JPEGs whose end mark is missing: read as browsers read them, provided that every pixel is there."""

import struct

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from inference.images.bare import jpeg_segments
from inference.images.refusal import BadImage

STUFFED = b"\xff\x00"  # one byte of ones: no JPEG has a code of ones alone, so that it makes the least of a pixel
AHEAD = (8 * STUFFED, bytes.fromhex("9a3c5ba6d1724be8"), bytes.fromhex("27e1c40d5b9836fa"))  # it wants 64 bits to go on
END = b"\xff\xd9"
COEFFICIENTS = 64
FOOT = 64  # rows: twice the tallest block of a JPEG


def load_without_end(picture: JpegImageFile, data: bytes) -> None:
    """Decode a JPEG (not yet loaded) whose file `data` ends before the end mark; BadImage if it lacks pixels.

    libjpeg would fill what is missing with grey once it sees an end mark, and stop and wait without one. Given eight
    bytes more, a plain JPEG is whole as soon as its last row is out. One of several scans is whole if the decoder
    passes over a further byte, looking for the next marker: inside a scan it takes none that does not fill its 64
    bits. What little is missing could be made of the eight bytes: other ones must then make the same picture.
    """
    data = data.rstrip(b"\xff")  # half of an end mark
    scans = [start for marker, start, _end in jpeg_segments(data) if marker == 0xDA]
    restarts = any(marker == 0xDD for marker, _start, _end in jpeg_segments(data))
    if not _every_scan(data) or (restarts and len(scans) > 1):  # a decoder may also look for a restart: who can tell
        raise BadImage("damaged")
    codec, extents, _offset, arguments = picture.tile[0]
    picture.load_prepare()
    picture.tile = []  # nothing is left for Pillow to load
    feet = set()
    for ahead in AHEAD:
        decoder = Image._getdecoder(picture.mode, codec, arguments, picture.decoderconfig)
        try:
            decoder.setimage(picture.im, extents)
            _feed(decoder, data + ahead, len(scans) > 1)
        finally:
            decoder.cleanup()
        feet.add(picture.crop((0, max(0, picture.height - FOOT), *picture.size)).tobytes())
    if len(feet) > 1:
        raise BadImage("damaged")


def _feed(decoder: "Image.core.ImagingDecoder | ImageFile.PyDecoder", data: bytes, several: bool) -> None:
    """Decode `data` of one scan or several; BadImage unless every row comes out."""
    taken, code = decoder.decode(data)
    if taken >= 0 and several:
        rest = data[taken:] + STUFFED
        taken, code = decoder.decode(rest)
        if taken >= len(rest) - 1:  # of a stuffed byte the second half may wait for what follows
            taken, code = decoder.decode(rest[taken:] + END)
    if taken >= 0 or code < 0:
        raise BadImage("damaged")


def _every_scan(data: bytes) -> bool:
    """Whether each component's coefficients have come to their last bit (ITU-T T.81, G.1.1)."""
    missing: dict[int, list[int]] = {}
    for marker, start, _end in jpeg_segments(data):
        if 0xC0 <= marker <= 0xC2:
            components = data[start + 9]
            missing = {data[start + 10 + 3 * i]: [1] * COEFFICIENTS for i in range(components)}
        elif marker == 0xDA:
            count = data[start + 4]
            first, last, bits = struct.unpack_from("BBB", data, start + 5 + 2 * count)
            for i in range(count):
                missing[data[start + 5 + 2 * i]][first : last + 1] = [bits & 15] * (last + 1 - first)
    return bool(missing) and not any(any(left) for left in missing.values())
