"""The words of the field, a file for each subject."""

from webapp.learn.word import Word
from webapp.learn.words import answers, attacks, defence, judging, learning, networks, pictures

SUBJECTS = (pictures, networks, answers, learning, judging, attacks, defence)
WORDS: dict[str, Word] = {word.slug: word for subject in SUBJECTS for word in subject.WORDS}
EXPLAINED: dict[str, Word] = {option: word for word in WORDS.values() for option in word.options}
