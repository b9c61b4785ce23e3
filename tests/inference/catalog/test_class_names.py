"""The names of classes in other languages: all there, all different, short enough to stand beside a bar."""

import json
import re
from collections import Counter

import pytest

from attacks.options import OptionError
from inference.catalog.class_names import FOLDERS, NAMES, class_name, class_names, dataset_of
from inference.catalog.classifiers import card
from inference.catalog.datasets import DATASETS
from inference.catalog.labels import find_class

CHINESE = "zh-hans"
LONGEST = 12  # characters: what stands beside a bar on a phone
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
NEED_LATIN = {"CD 播放机", "iPod", "T恤", "福特T型车", "T恤/上衣"}  # so they are called in China
IMAGENET = card("imagenet-lite0")["labels"]
SIGNS = ("gtsrb", "signs")
LABELS = {"imagenet": IMAGENET} | {slug: record.labels for slug, record in DATASETS.items() if slug != "mnist"}


def names_of(dataset: str) -> list[str]:
    return class_names(dataset, LABELS[dataset], CHINESE)


@pytest.mark.parametrize("folder", FOLDERS.values())
def test_every_dataset_whose_classes_have_words_has_its_file(folder):
    worded = {slug for slug, labels in LABELS.items() if any(re.search("[a-z]", label) for label in labels)}
    assert {path.stem for path in (NAMES / folder).glob("*.json")} == worded == set(LABELS)
    for slug in worded:
        written = json.loads((NAMES / folder / f"{slug}.json").read_text(encoding="utf-8"))
        assert "Written for Gibbon" in written["source"]
        assert len(written["names"]) == len(LABELS[slug])


@pytest.mark.parametrize("dataset", LABELS)
def test_no_two_classes_share_a_name_and_none_is_long(dataset):
    names = names_of(dataset)
    assert [name for name, often in Counter(map(str.casefold, names)).items() if often > 1] == []
    assert [name for name in names if not 0 < len(name) <= LONGEST or name != " ".join(name.split())] == []


@pytest.mark.parametrize("dataset", LABELS)
def test_names_are_written_in_chinese(dataset):
    sign = re.compile(r"(解除)?限速 \d{2,3} km/h")
    foreign = {name for name in names_of(dataset) if not re.fullmatch(f"[{HAN}]+", name)}
    assert {name for name in foreign if not (dataset in SIGNS and sign.fullmatch(name))} <= NEED_LATIN


@pytest.mark.parametrize("dataset", SIGNS)
def test_a_name_and_its_sign_tell_the_same_number(dataset):
    for label, name in zip(LABELS[dataset], names_of(dataset), strict=True):
        assert re.findall(r"\d+", label) == re.findall(r"\d+", name), (label, name)


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (134, "鹤"),  # a crane is a bird before it is a machine
        (517, "起重机"),
        (264, "卡迪根柯基犬"),
        (474, "开襟毛衣"),
        (638, "体操紧身衣"),  # "maillot", twice
        (639, "连体泳衣"),
        (21, "鸢"),  # kite: no toy
        (17, "松鸦"),
        (97, "公鸭"),
        (339, "栗色马"),  # sorrel: no plant
        (456, "弓"),  # bow: no knot
        (680, "奶嘴"),
        (726, "刨子"),  # plane: it does not fly
        (884, "拱顶"),
        (367, "黑猩猩"),
        (368, "长臂猿"),
        (388, "大熊猫"),
    ],
)
def test_a_word_of_two_meanings_is_named_by_its_place(index, name):
    assert class_name("imagenet", index, IMAGENET[index], CHINESE) == name


def test_every_breed_is_named_as_a_dog():
    dog = re.compile("[犬梗狆獒狗]$|雪纳瑞|灵缇|吉娃娃|哈士奇")
    places = [index for index, name in enumerate(names_of("imagenet")) if dog.search(name)]
    others = [273, 275, 276, 934]  # 澳洲野犬, 非洲野犬, 鬣狗, 热狗
    assert places == [*range(151, 269), *others]


@pytest.mark.parametrize(
    ("dataset", "index", "label", "language"),
    [
        ("imagenet", 388, "giant panda", "en"),
        ("imagenet", 388, "giant panda", "de"),
        ("imagenet", 388, "giant panda", None),
        ("mnist", 7, "7", CHINESE),
        ("", 0, "tench", CHINESE),
        ("my-cats-and-dogs", 0, "cat", CHINESE),
        ("imagenet", 0, "my cat", CHINESE),  # of somebody's dataset with this very slug
        ("imagenet", 1000, "one more", CHINESE),
        ("../zh_Hans/imagenet", 0, "tench", CHINESE),
    ],
)
def test_without_a_name_the_label_is_shown(dataset, index, label, language):
    assert class_name(dataset, index, label, language) == label


def test_own_classes_stay_as_their_owner_wrote_them():
    facts = {"dataset": {"slug": "imagenet"}, "labels": ["tench", "my cat"]}
    assert class_names(dataset_of(facts), facts["labels"], CHINESE) == facts["labels"]
    assert dataset_of({"dataset": {"slug": "pets"}, "labels": ["cat"]}) == ""
    assert dataset_of({"labels": ["cat"]}) == ""


def test_a_card_tells_whose_labels_it_has():
    assert dataset_of(card("imagenet-lite0")) == "imagenet"
    assert dataset_of(card("digits-hardened")) == "mnist"


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ("长臂猿", 368),
        ("gibbon", 368),
        ("Gibbon", 368),
        ("368", 368),
        ("玉米", 987),  # a whole name before one that has more
        ("哈士奇", 250),
        (" 哈士奇 ", 250),
        ("CD播放机", 485),
        ("ipod", 605),
        ("鹤", 134),
    ],
)
def test_a_chinese_name_or_a_part_that_only_one_has_finds_its_class(wanted, index):
    assert find_class(IMAGENET, wanted, names_of("imagenet")) == index


def test_a_sign_is_found_without_its_space():
    assert find_class(LABELS["gtsrb"], "限速30km/h", names_of("gtsrb")) == 1


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("熊猫", r"小熊猫 \(387\), 大熊猫 \(388\)\?$"),
        ("大猫熊", r"大熊猫 \(388\)"),
        ("猿", r"长臂猿 \(368\), 合趾猿 \(369\)\?$"),  # one character is no part
        ("elektric ray", r"电鳐 \(5\)"),
        ("panda", r"小熊猫 \(387\), 大熊猫 \(388\)"),
        ("CARDIGAN", r"卡迪根柯基犬 \(264\), 开襟毛衣 \(474\)\. Give the number\."),
        ("量子", r"no class called 量子\.$"),
    ],
)
def test_what_is_not_found_is_explained_by_the_names_that_are_shown(wanted, sentence):
    with pytest.raises(OptionError) as refusal:
        find_class(IMAGENET, wanted, names_of("imagenet"))
    told = str(refusal.value)
    assert re.search(sentence, told), told
    assert refusal.value.field == "target"


def test_two_classes_shown_alike_are_told_by_number():
    with pytest.raises(OptionError, match=r"Several classes .* 鹤 \(0\), 鹤 \(1\)"):
        find_class(["crane", "heron"], "鹤", ["鹤", "鹤"])
