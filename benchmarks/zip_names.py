"""How often the encoding of a ZIP's names is found, by chardet alone and as Gibbon asks it.

    python -m benchmarks.zip_names

Each set of words stands for a ZIP of such classes, six pictures each. Right is who reads every name as it was written.
"""

from collections.abc import Callable

import chardet

from inference.data.zip_names import GUESSED, guess

RUSSIAN = "кошки собаки|Кошки Собаки|яблоко банан|роза подсолнух|машина самолёт|дом лес|КОТ ПЁС|норма дефект|гриб ягода"
GREEK = "γάτα σκύλος|μήλο μπανάνα|Γάτες Σκύλοι|καλό κακό|ΓΑΤΑ ΣΚΥΛΟΣ"
HEBREW = "חתול כלב|תפוח בננה|טוב רע"
LATIN = (
    "Äpfel Birnen|Vögel Hunde|Löwe Bär|chien éléphant|niño niña|häuser straße|Café Thé|pão maçã|mouton chèvre|båt fjäll"
)
WORDS = {
    "gb18030": "猫 狗|苹果 香蕉|玫瑰 向日葵 郁金香|汽车 自行车 飞机|好 坏|红色 绿色 蓝色|正常 异常"
    "|行人 车辆|螺丝 螺母|良品 次品",
    "cp932": "猫 犬|表 裏|りんご バナナ|ネコ イヌ トリ|晴れ 曇り|桜 薔薇|自動車 飛行機"
    "|ｶﾒﾗ ﾃﾚﾋﾞ|花 木|良品 不良品|Tシャツ 靴",
    "big5hkscs": "貓 狗|蘋果 香蕉|玫瑰 向日葵 鬱金香|汽車 腳踏車 飛機|好 壞|紅色 綠色|花 樹|正常 異常|功能 許可",
    "cp949": "고양이 개|사과 바나나|장미 해바라기 튤립|자동차 비행기|꽃 나무|정상 비정상|새 곰|양품 불량품",
    "cp866": RUSSIAN,
    "cp1251": RUSSIAN,
    "cp1253": GREEK,
    "cp737": GREEK,
    "cp1255": HEBREW,
    "cp862": HEBREW,
    "cp1256": "قطة كلب|تفاح موز|سيارة طائرة",
    "cp852": "kočka pes|kot żółw|ještěrka kůň|jabłko gruszka|alma körte őz|mačka pas|róża tulipan",
    "cp857": "ağaç çiçek|kuş balık|köpek kedi|şeker süt",
    "cp1252": LATIN,
    "cp850": LATIN,
}


def main() -> None:
    sets = [(encoding, words.split()) for encoding, some in WORDS.items() for words in some.split("|")]
    print(f"{len(sets)} sets of two or three words in {len(WORDS)} encodings, chardet {chardet.__version__}")
    for name, guesser in {"chardet alone": alone, "chardet among ours": among, "Gibbon": guess}.items():
        wrong = [f"{'/'.join(words)} ({encoding})" for encoding, words in sets if not right(words, encoding, guesser)]
        print(f"{name}: {len(sets) - len(wrong)} right; wrong: {', '.join(wrong)}")


def right(words: list[str], encoding: str, guesser: Callable[[list[bytes]], str]) -> bool:
    names = [f"{word}/{number}.jpg" for word in words for number in range(6)]
    raw = [name.encode(encoding) for name in names]
    return [name.decode(guesser(raw), "replace") for name in raw] == names


def alone(names: list[bytes]) -> str:
    return chardet.detect(b"\n".join(names))["encoding"] or "cp437"


def among(names: list[bytes]) -> str:
    return chardet.detect(b"\n".join(names), include_encodings=GUESSED)["encoding"] or "cp437"


if __name__ == "__main__":
    main()
