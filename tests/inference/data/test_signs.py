"""Drawn signs photographed by a program: the same again, evenly mixed, before grounds of their own, and as declared."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from inference.assets import ASSETS
from inference.catalog.class_names import class_names
from inference.catalog.datasets import GTSRB, SIGNS, folder_of
from inference.catalog.errors import BadDataset
from inference.data import sign_camera, sign_pictures, signs
from inference.data.base import load_data, statistics
from inference.data.sign_scenes import patches, scenes, uniform
from tests.support.datasets import data_of

FOLDER = signs.FOLDER
FEW = replace(signs.TEST, each=4)


@pytest.fixture(scope="module")
def data():
    return data_of("signs")


@pytest.fixture(scope="module")
def plates():
    return sign_camera.Plates([signs._picture(sign.file) for sign in signs.declared()])


def chance(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


# --- What comes along ---------------------------------------------------------------------------------------------


def test_the_folder_holds_what_is_declared_and_whose_it_is():
    files = [sign.file for sign in signs.declared()]
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted([*files, "LICENSE", "README.md", "signs.json"])
    assert "MIT License" in (FOLDER / "LICENSE").read_text() and "mapillary" in (FOLDER / "LICENSE").read_text()
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(sign.icon in told for sign in signs.declared())
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 300_000
    for name in files:
        with Image.open(FOLDER / name) as picture:
            assert (picture.mode, picture.size) == ("RGBA", (sign_pictures.SIDE,) * 2)
            assert picture.getchannel("A").getextrema() == (0, 255)


def test_the_classes_are_the_drawings_and_twelve_to_sixteen():
    assert tuple(sign.label for sign in signs.declared()) == SIGNS.labels
    assert 12 <= len(SIGNS.labels) <= 16 == len({sign.icon for sign in signs.declared()})
    assert folder_of(SIGNS) == FOLDER


def test_every_class_is_one_of_the_german_photographs_by_the_same_name_in_both_languages():
    places = [GTSRB.labels.index(label) for label in SIGNS.labels]
    german = class_names("gtsrb", GTSRB.labels, "zh-hans")
    assert class_names("signs", SIGNS.labels, "zh-hans") == [german[place] for place in places]


@pytest.mark.parametrize(("harm", "sentence"), [("gone", "is missing"), ("half", "is damaged")])
def test_a_drawing_that_is_missing_or_damaged_is_told(tmp_path, monkeypatch, harm, sentence):
    for path in FOLDER.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "stop.png").unlink()
    if harm == "half":
        (tmp_path / "stop.png").write_bytes((FOLDER / "stop.png").read_bytes()[:3000])
    monkeypatch.setattr(signs, "FOLDER", tmp_path)
    with pytest.raises(BadDataset, match=rf"stop\.png {sentence}"):
        load_data("signs")


def test_another_drawing_than_the_declared_one_is_not_rendered(tmp_path):
    sign = signs.declared()[0]
    (tmp_path / f"{sign.icon}.svg").write_text("<svg/>")
    with pytest.raises(ValueError, match=r"stop--g1\.svg is not the one that signs\.json names"):
        sign_pictures.render([sign], tmp_path, tmp_path)


# --- The pictures -------------------------------------------------------------------------------------------------


def test_the_parts_are_as_large_as_told_and_have_as_many_of_each_class(data):
    assert {name: len(part) for name, part in data.parts().items()} == {
        "training": 6400,
        "test": 1600,
        "validation": 800,
    }
    assert data.counts() == {"training": [400] * 16, "test": [100] * 16, "validation": [50] * 16}
    assert data.test[:100].labels.bincount().tolist() == [7] * 4 + [6] * 12  # of any first so many, too
    assert "8,800 pictures of 16 drawn traffic signs" in SIGNS.about and "by a program" in SIGNS.about


def test_the_statistics_are_those_of_the_record(data):
    assert statistics(data.training.images.split(1000)) == (SIGNS.mean, SIGNS.std)


def test_the_same_pictures_are_made_again_and_other_seeds_make_others(plates):
    first, again = (signs.photographed(plates, FEW).images for _ in range(2))
    assert first.equal(again)
    other = signs.photographed(plates, replace(FEW, seed=FEW.seed + 100)).images
    assert (first == other).float().mean() < 0.1


def test_more_pictures_begin_with_those_of_fewer(plates):
    few, more = (signs.photographed(plates, replace(FEW, each=each)).images for each in (5, 10))
    assert more[:80].equal(few)


def test_no_picture_is_twice_and_no_ground_in_two_parts(data):
    hashes = [hashlib.sha256(image.numpy()).digest() for part in data.parts().values() for image in part.images]
    assert len(set(hashes)) == len(hashes)
    grounds = [name for part in (signs.TRAINING, signs.VALIDATION, signs.TEST) for name in part.photographs]
    assert len(set(grounds)) == len(grounds)
    facts = {one["file"]: one["licence"] for one in json.loads((ASSETS / "samples/samples.json").read_text("utf-8"))}
    assert {facts[name] for name in grounds} == {"CC0 1.0", "Public domain"}  # nobody has to be named beside each


def test_pictures_are_neither_empty_nor_all_alike(data):
    images = data.test.images.float()
    assert images.amin() < 10 and images.amax() == 255
    spread = images.flatten(1).std(1)
    assert spread.min() > 5
    assert images.mean((1, 2, 3)).std() > 15  # some by night, some by day


def test_a_class_looks_like_its_drawing(data, plates):
    """In what tells it from the mean of all, each class's mean picture is more like its own drawing than any other."""
    drawn = np.stack([np.asarray(Image.fromarray(one).convert("RGB").resize((38, 38))) for one in plates.pictures])
    drawn = np.pad(drawn, ((0, 0), (5, 5), (5, 5), (0, 0)), mode="edge")  # as large as signs are on average
    seen = np.stack([data.test.images[data.test.labels == label].float().mean(0).numpy() for label in range(16)])
    both = [pictures[..., 8:40, 8:40].reshape(16, -1).astype(float) for pictures in (drawn.transpose(0, 3, 1, 2), seen)]
    likeness = np.corrcoef(np.concatenate([pictures - pictures.mean(0) for pictures in both]))[:16, 16:]
    assert (likeness.argmax(0) == np.arange(16)).sum() >= 13  # by chance one; red discs are much alike


# --- The camera ---------------------------------------------------------------------------------------------------


def test_the_middle_of_a_sign_is_where_it_was_put_and_it_is_not_mirrored():
    centre = uniform(chance(1), -0.14, 0.14, (2, 200, 1, 1))
    right, down, scale = sign_camera._camera(centre, 200, chance(2))

    def place(x, y):
        return [(a * x + b * y + c) / (scale[0] * x + scale[1] * y + scale[2]) for a, b, c in (right, down)]

    assert np.abs(place(*centre)).max() < 1e-4
    step = np.float32(0.01)
    (right_x, right_y), (down_x, down_y) = place(centre[0] + step, centre[1]), place(centre[0], centre[1] + step)
    assert (right_x > 0).all() and (down_y > 0).all()
    assert (right_x * down_y - right_y * down_x > 0).all()


def test_a_straight_line_on_a_sign_stays_one():
    """Three places on a row of the picture lie on one line of the sign, too."""
    right, down, scale = sign_camera._camera(np.zeros((2, 50, 1, 1), np.float32), 50, chance(3))
    x = np.asarray([-0.5, 0.1, 0.6])
    depth = scale[0] * x + scale[1] * 0.3 + scale[2]
    u, v = ((a * x + b * 0.3 + c) / depth for a, b, c in (right, down))
    area = (u[..., 1] - u[..., 0]) * (v[..., 2] - v[..., 0]) - (u[..., 2] - u[..., 0]) * (v[..., 1] - v[..., 0])
    assert np.abs(area).max() < 1e-4


def test_beside_the_sign_the_scene_is_seen(plates):
    rays = [(np.float32(1), np.float32(0), np.float32(0)), (np.float32(0), np.float32(1), np.float32(0))]
    rays = [
        tuple(np.full((1, 1, 1), value) for value in form) for form in [*rays, (0 * rays[0][0], rays[0][1], rays[0][0])]
    ]
    x = np.asarray([-1.5, -0.999, 0.0, 0.999, 1.5], np.float32)
    places = sign_camera._texels(rays, x[None, None], np.zeros((1, 1, 1), np.float32))
    assert (places.ravel() % 130).tolist() == [0, 1, 65, 128, 129]
    assert plates.texels.reshape(16, 130, 130)[:, :, [0, -1]].max() == 0


def test_blur_moves_light_and_loses_none():
    picture = uniform(chance(4), 0, 255, (3, 3, 8, 8))
    before = picture.sum((2, 3), dtype=float)
    sign_camera._blur(picture, np.full((3, 1, 1, 1), 0.3, np.float32))
    assert picture.sum((2, 3), dtype=float) == pytest.approx(before, rel=1e-5)
    flat = np.full((1, 3, 8, 8), 7, np.float32)
    sign_camera._blur(flat, np.full((1, 1, 1, 1), 0.3, np.float32))
    assert (flat == 7).all()


def test_scenes_are_windows_and_drawn_ones_in_turn():
    red = np.zeros((60, 70, 3), np.uint8) + np.asarray([200, 0, 0], np.uint8)
    found = scenes([[red]], 6, 48, chance(5))
    assert (found[::2, 1:] == 0).all() and (found[::2, 0] >= 119).all()
    assert (found[1::2, 1:].max((1, 2, 3)) > 20).all()


def test_patches_are_even_between_their_corners():
    found = patches(chance(6), (2,), cells=2, size=8)
    assert found.shape == (2, 8, 8) and 0 <= found.min() <= found.max() < 1
    assert np.allclose(found[:, :, 1], (found[:, :, 0] + found[:, :, 2]) / 2, atol=1e-6)
