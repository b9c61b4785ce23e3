"""The lessons' records: what they name is there, and both languages link to the same words."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.utils.translation import override

from tests.support.cast import Person
from tests.support.paths import ROOT
from webapp.learn import lessons
from webapp.learn.lessons import LESSONS
from webapp.learn.parts import Formula, Text
from webapp.learn.record import Lesson
from webapp.learn.templatetags.learn import LINK, plain, rich
from webapp.learn.words import WORDS

LANGUAGES = ("en", "zh-hans")
each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


def test_every_file_is_a_lesson_of_the_list_and_named_as_its_address():
    files = {path.stem for path in Path(lessons.__file__).parent.glob("[a-z]*.py")}
    assert files == set(lessons.NAMES)
    assert [lesson.slug for lesson in LESSONS.values()] == list(lessons.NAMES)


@each_lesson
def test_a_lesson_has_what_a_lesson_has(lesson: Lesson):
    assert len(lesson.experiments) >= 3
    assert len(lesson.question.answers) >= 3
    assert lesson.sources and all(1700 < source.year < 2030 for source in lesson.sources)
    assert lesson.widgets() and any(isinstance(part, Formula) for part in lesson.parts)
    earlier = lessons.NAMES[: lessons.NAMES.index(lesson.slug)]
    assert set(lesson.needs) <= set(earlier), "a lesson needs only what was read before it"


@each_lesson
def test_what_a_lesson_names_is_there(lesson: Lesson):
    assert set(lesson.words) <= WORDS.keys()
    for part in lesson.parts:
        get_template(part.template)
    for widget in lesson.widgets():
        get_template(widget.structure)
        assert finders.find(widget.script), widget.script
    for part in lesson.parts:
        if isinstance(part, Formula):
            assert "<math" in get_template(part.formula).template.source
    for experiment in lesson.experiments:
        low, high = experiment.expected
        assert low <= high


@each_lesson
def test_both_languages_link_to_words_that_there_are(lesson: Lesson):
    for words in lesson.texts():
        linked = {}
        for language in LANGUAGES:
            with override(language):
                linked[language] = sorted(slug for _words, slug in LINK.findall(str(words)))
        assert linked["en"] == linked["zh-hans"], linked
        assert set(linked["en"]) <= WORDS.keys()


def test_words_in_formulas_are_in_the_readers_language():
    formulas = [path.read_text("utf-8") for path in (ROOT / "templates").glob("**/formulas/*.html")]
    words = [text for formula in formulas for text in re.findall(r"<mtext>(.*?)</mtext>", formula)]
    assert {text for text in words if "{% translate" not in text} == {"ReLU"}


@each_lesson
def test_its_page_answers(lesson: Lesson, alice: Person):
    page = alice.get(f"/learn/{lesson.slug}/")
    assert page.status_code == 200
    assert str(lesson.title) in page.content.decode()


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_a_word_has_two_sentences_or_three_and_leads_to_where_it_is_touched(word):
    told = plain(word.text)
    assert 1 <= sum(told.count(stop) for stop in (". ", "? ", "! ")) <= 2, told
    assert word.place or any(word.slug in lesson.words for lesson in LESSONS.values())
    if word.template:
        get_template(word.template)
    assert {slug for _words, slug in LINK.findall(str(word.text))} <= WORDS.keys()


# A beginner's article's ideas, each in two clicks: the list of words, and from there where it is touched.
IDEAS = """gradient sgd batch augmentation normalisation fully-connected softmax one-hot lenet split error-rate
underfitting overfitting learning-rate momentum epoch initialisation dropout pooling one-by-one adversarial-example
cameras"""


def test_every_idea_of_a_beginners_article_is_two_clicks_away(alice: Person):
    assert 'href="/learn/words/"' in alice.get("/learn/").content.decode()
    entries = alice.get("/learn/words/").content.decode().split('class="entry"')
    for slug in IDEAS.split():
        [entry] = [entry for entry in entries if f'id="{slug}"' in entry]
        assert "<a " in entry, slug


def test_no_option_is_explained_twice_and_forms_lead_to_the_words(alice: Person, ada: Person):
    options = [option for word in WORDS.values() for option in word.options]
    assert len(options) == len(set(options))
    lab = alice.get("/lab/with/digits/").content.decode()
    training = ada.get("/admin/training/trainingrun/add/").content.decode()
    for page, slugs in (
        (lab, ("epsilon", "targeted", "step-size", "norm")),
        (training, ("momentum", "dropout", "seed")),
    ):
        assert [slug for slug in slugs if f'/learn/words/#{slug}"' not in page] == []


def test_the_map_lists_what_is_written_and_the_words_are_all_on_their_page(alice: Person):
    overview, words = (alice.get(path).content.decode() for path in ("/learn/", "/learn/words/"))
    assert overview.count("data-station=") == len(LESSONS)
    assert all(f'id="{slug}"' in words for slug in WORDS)
    assert alice.get("/learn/nothing/").status_code == 404


def test_lessons_lead_to_those_beside_them_and_the_summary_has_all_that_was_found(alice: Person):
    everyone = list(LESSONS)
    for before, after in pairwise(everyone):
        assert f'href="/learn/{after}/" rel="next"' in alice.get(f"/learn/{before}/").content.decode()
        assert f'href="/learn/{before}/" rel="prev"' in alice.get(f"/learn/{after}/").content.decode()
    assert 'rel="prev"' not in alice.get(f"/learn/{everyone[0]}/").content.decode()
    summary = alice.get("/learn/summary/").content.decode()
    for lesson in LESSONS.values():
        assert all(rich(experiment.outcome) in summary for experiment in lesson.experiments)


def test_marks_become_links_symbols_and_code_and_nothing_else_is_let_through():
    assert rich("14 % of 50 %") == "14\u202f% of 50\u202f%"  # a line never begins with a sign
    assert rich("[a <b>](loss) is *x* + `y` & <i>") == (
        '<a class="word" href="/learn/words/#loss">a &lt;b&gt;</a> is <var>x</var> + <code>y</code> &amp; &lt;i&gt;'
    )
    assert plain("[a](loss) is *x* + `y`, 2 * 3 * 4") == "a is x + y, 2 * 3 * 4"


def test_a_record_that_contradicts_itself_is_refused():
    lesson = LESSONS["softmax"]
    with pytest.raises(ValueError, match="none of"):
        replace(lesson, experiments=(replace(lesson.experiments[0], part="nothing"),))
    with pytest.raises(ValueError, match="exactly one answer"):
        replace(lesson, question=replace(lesson.question, answers=lesson.question.answers[:1]))
    with pytest.raises(ValueError, match="one name"):
        replace(lesson, parts=(*lesson.parts, lesson.widgets()[0]))
    assert not any(isinstance(part, Text) for part in lesson.widgets())
