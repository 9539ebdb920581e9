"""Variants of listed names as files really hold them, made without the program's own folding."""

import csv
import gzip
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src" / "kanmon" / "measure" / "data"
SHARED = ROOT.parent / "shared" / "data"

KANA = re.compile(r"[\u30a1-\u30fa]")
HAN = re.compile(r"[\u4e00-\u9fff]")
# By hand, for signs of the listed names: Japanese old forms, and simplified to traditional.
OLD = dict(
    zip(
        "横広沢浜鉄斉桜竜国学会社気弾円豊発権衛総駆関駅戦労観芸",
        "橫廣澤濱鐵齊櫻龍國學會社氣彈圓豐發權衞總驅關驛戰勞觀藝",
        strict=True,
    )
)
TRADITIONAL = dict(
    zip(
        "会社丰业电机东务与国术门车发动轮增压统开学维图纳关运输材卢视频监独无线飞洋联马华严龙张边达汇杰际销创试验军战舰艇备装陆气测兴产沪冲细仓伤员护卫盾顿环网络据极层领鲁灵锐锋银铁钢险难饰驰骑验鹰鸟麦齐场岛广应库庆团组织结红级细终经给续综编缆罗职",
        "會社豐業電機東務與國術門車發動輪增壓統開學維圖納關運輸材盧視頻監獨無線飛洋聯馬華嚴龍張邊達匯傑際銷創試驗軍戰艦艇備裝陸氣測興產滬沖細倉傷員護衛盾頓環網絡據極層領魯靈銳鋒銀鐵鋼險難飾馳騎驗鷹鳥麥齊場島廣應庫慶團組織結紅級細終經給續綜編纜羅職",
        strict=True,
    )
)
SCAN_CJK = {
    "二": "ニ",
    "ニ": "二",
    "エ": "工",
    "工": "エ",
    "カ": "力",
    "ロ": "口",
    "タ": "夕",
    "ー": "一",
    "日": "曰",
    "未": "末",
    "土": "士",
    "大": "犬",
    "間": "問",
    "己": "已",
    "千": "干",
    "技": "枝",
    "析": "折",
    "治": "冶",
    "本": "木",
    "住": "往",
    "航": "舫",
    "菱": "菜",
}
SCAN_LATIN = {"l": "1", "I": "l", "O": "0", "o": "0", "m": "rn", "S": "5", "i": "l", "d": "cl", "B": "8"}


@dataclass(frozen=True)
class Case:
    query: str
    entity: str
    script: str
    kind: str


def listed() -> list[tuple[str, str, str]]:
    """(entity id, script, name) of every listed name, from the files themselves."""
    names: list[tuple[str, str, str]] = []
    with (DATA / "listed_entities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names.append((row["entity_id"], "Latin", row["name_en"]))
            names.append((row["entity_id"], "simplified", row["name_zh"]))
            if row["name_ja"]:
                names.append(
                    (row["entity_id"], "kana" if KANA.search(row["name_ja"]) else "kanji", row["name_ja"])
                )
    stems = {"cn-wl": "CN-CL", "cn-uel": "CN-UEL"}
    with gzip.open(DATA / "cn_entities.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kind, day, number = row["id"].rsplit("-", 2)
            if kind not in stems or day in {"20260224", "20260629"}:
                continue
            id_ = f"{stems[kind]}-{day}-{int(number):02d}"
            if row["entity_name"].isascii():
                names.append((id_, "Latin", row["entity_name"]))
                if "参与" not in row["aliases"] and row["id"] != "cn-uel-20240520-2" and row["aliases"]:
                    names.append((id_, "simplified", row["aliases"]))
    # A number that stands twice upstream was given anew.
    return [
        ("CN-UEL-20240520-03" if n.startswith("Boeing") and e == "CN-UEL-20240520-02" else e, s, n)
        for e, s, n in names
    ]


LATIN_FORM = re.compile(
    r",? ?\b(Co\.?,? ?Ltd\.?|Company,? Limited|Corporation|Inc\.?|LLC|Ltd\.?|Limited|Co\.|Corp\.)$"
)


def forms(name: str, script: str, rng: random.Random) -> Iterator[str]:
    if script == "Latin":
        bare = LATIN_FORM.sub("", name)
        yield bare
        if "Institute" not in name and "Academy" not in name:
            yield f"{bare} K.K."
            yield f"{bare} CO.,LTD"
        return
    bare = name.replace("株式会社", "").replace("股份有限公司", "").strip()
    if script in {"kanji", "kana"} and "株式会社" in name:
        yield f"(株){bare}"
        yield f"{bare}㈱"
        yield f"株式会社 {bare}"
    if script in {"simplified", "traditional"} and bare != name:
        yield f"{bare}有限公司"
    if bare != name:
        yield bare


def punctuation(name: str, script: str, rng: random.Random) -> Iterator[str]:
    if script == "Latin":
        yield name.replace(".", "").replace(",", "").upper()
        yield name.replace("&", "and").lower()
        yield name.replace(" ", "-", 1)
    else:
        yield name.replace("・", "").replace("＆", "&") + "。"
        yield f"「{name}」"
        yield "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


def spacing(name: str, script: str, rng: random.Random) -> Iterator[str]:
    yield "  ".join(name.split()) + " "
    yield name.replace(" ", "") if " " in name else name[:2] + " " + name[2:]
    if script != "Latin":
        yield "　".join((name[:3], name[3:]))


def typo(name: str, script: str, rng: random.Random) -> Iterator[str]:
    """One slip of the keyboard inside the name proper."""
    bare = (
        LATIN_FORM.sub("", name)
        if script == "Latin"
        else re.sub("株式[会會]社|股份有限公司|有限公司|公司", "", name)
    )
    places = [i for i in range(1, len(bare) - 1) if bare[i].isalnum() and bare[i + 1].isalnum()]
    if not places:
        return
    at = rng.choice(places)
    yield bare[:at] + bare[at + 1 :]
    yield bare[:at] + bare[at + 1] + bare[at] + bare[at + 2 :]
    if script == "Latin":
        yield bare[:at] + rng.choice("aeirstn") + bare[at + 1 :]
    yield bare[:at] + bare[at] + bare[at:]


def scan(name: str, script: str, rng: random.Random) -> Iterator[str]:
    table = SCAN_LATIN if script == "Latin" else SCAN_CJK
    body = len(LATIN_FORM.sub("", name)) if script == "Latin" else len(name)
    places = [i for i, c in enumerate(name[:body]) if c in table]
    for at in rng.sample(places, min(2, len(places))):
        yield name[:at] + table[name[at]] + name[at + 1 :]


JAPANESE = re.compile(
    r"[Kk]awa|[Yy]ashima|[Ii]tochu|[Nn]issin|[Hh]osoya|[Ff]uji|[Hh]owa|[Yy]usoki|[Nn]itto|[Kk]owa|KOWA|[Aa]oki|[Mm]itsu|[Ss]umitomo|[Ss]agami|[Nn]ihon|[Nn]acalai|[Kk]omatsu|[Nn]ikko|NIKKO|[Ss]hoji|KAWAJU|[Tt]okin|FUJI|[Hh]ino"
)


def romanisation(name: str, script: str, rng: random.Random) -> Iterator[str]:
    if script != "Latin" or not JAPANESE.search(name):
        return
    swaps = [
        ("shi", "si"),
        ("tsu", "tu"),
        ("ji", "zi"),
        ("Fuj", "Huj"),
        ("chu", "chū"),
        ("ju", "jyu"),
        ("JU", "JYU"),
        ("yo", "yō"),
        ("ko", "kō"),
        ("ho", "hoh"),
        ("Ho", "Hou"),
        ("Ko", "Kou"),
        ("to", "tou"),
        ("so", "soo"),
        ("KO", "KOH"),
    ]
    made = [name.replace(a, b, 1) for a, b in swaps if a in name]
    yield from rng.sample(made, min(3, len(made)))
    yield LATIN_FORM.sub(" Kabushiki Kaisha", name)


def variant(name: str, script: str, rng: random.Random) -> Iterator[str]:
    if script in {"kanji", "kana"}:
        changed = "".join(OLD.get(c, c) for c in name)
    elif script == "simplified":
        changed = "".join(TRADITIONAL.get(c, c) for c in name)
    else:
        return
    if changed != name:
        yield changed


HALF = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンァィゥェォャュョッー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝｧｨｩｪｫｬｭｮｯｰ",
        strict=True,
    )
)


def kana_form(name: str, script: str, rng: random.Random) -> Iterator[str]:
    if script != "kana":
        return
    yield "".join(HALF.get(c, c) for c in name)
    yield name.replace("ー", "-")
    yield name.replace("ー", "")


def branch(name: str, script: str, rng: random.Random) -> Iterator[str]:
    if re.search("Center|センター|中心|Academy|Institute|Agency|大学|机构|機構|研究所", name):
        return
    if script == "Latin":
        place, unit = (
            rng.choice(["Osaka", "Nagoya", "Denver"]),
            rng.choice(["Branch", "Plant", "Works", "Office"]),
        )
        yield f"{name} {place} {unit}"
        yield f"{LATIN_FORM.sub('', name)} Head Office"
    elif script in {"kanji", "kana"}:
        yield name + rng.choice(["大阪支店", " 名古屋営業所", "（本社）", "相模原工場"])
    else:
        yield name + rng.choice(["上海分公司", "北京办事处", " 总部"])


KINDS: dict[str, Callable[[str, str, random.Random], Iterator[str]]] = {
    "legal form": forms,
    "punctuation": punctuation,
    "spacing": spacing,
    "typo": typo,
    "scan": scan,
    "romanisation": romanisation,
    "kanji variant": variant,
    "kana form": kana_form,
    "branch": branch,
}


def cases(seed: int) -> list[Case]:
    """Every variant of every listed name; simplified names also in traditional script."""
    rng = random.Random(seed)  # noqa: S311
    names = listed()
    names += [
        (e, "traditional", changed)
        for e, s, n in names
        if s == "simplified" and (changed := "".join(TRADITIONAL.get(c, c) for c in n)) != n
    ]
    made: list[Case] = []
    for entity, script, name in names:
        made.append(Case(name, entity, script, "as listed"))
        for kind, make in KINDS.items():
            made += [
                Case(q, entity, script, kind)
                for q in make(name, script, rng)
                # A K.K. of that name would be another company than an American one.
                if q != name
                and not (q.endswith("K.K.") and "-2026022" not in entity and "-20260629" not in entity)
            ]
    return made


HEADS = """
北陽,東和,昭栄,丸高,富岳,三晃,日伸,大和田,中川,青葉,瑞穂,木村,石田,共立,
新光,南海,平和,白山,若松,藤原,日昭,三洋,東邦,住田,川島,細川,日吉,青山,
光洋,東海
""".replace("\n", "").split(",")
TAILS = """
工業,電機,精機,製作所,化成,商事,産業,自動車,重機,航空サービス,
エンジニアリング,テクノロジー,システムズ,ソフトウエア,マテリアル,
エレクトロニクス,原動機,金属,精密工業,特機
""".replace("\n", "").split(",")
PLACES = """
苏州,宁波,青岛,华东,恒达,中信,长城,金鹏,东方,天元,宏远,瑞丰,日升,三江,
富华,海洋
""".replace("\n", "").split(",")
TRADES = """
电子,机械工业,精密工业,航空技术,重工,材料,软件,汽车,电机,化工,科技,
物流技术
""".replace("\n", "").split(",")
FIRST = """
Aratani,Bluefield,Cascade,Dorset,Eastgate,Fukuma,Granite,Harima,Ikoma,Juniper,Kitano,Lakeside,Miyama,
Northam,Otowa,Pinecrest,Quarry,Rokko,Shirakawa,Tamura,Umeda,Vantage,Westbrook,Yamato,Zenith,Nikko,
Kowa Kasei,Hinode,Fujimi,Sumida,Pacific,American,National,General,Applied
""".replace("\n", "").split(",")
SECOND = """
Aerospace,Precision,Electric,Heavy Machinery,Technologies,Systems,Marine,Materials,Dynamics,Software,
Engineering,Drones,Metal Industries,Foods,Chemical,Optics,Logistics,Robotics
""".replace("\n", "").split(",")


def unrelated() -> list[str]:
    """Names of parties that no list of ours holds: invented ones, and the foreign user list where present."""
    rng = random.Random(7)  # noqa: S311
    made = [f"{a}{b}株式会社" for a in HEADS for b in TAILS]
    made += [f"{a}{b}有限公司" for a in PLACES for b in TRADES]
    made += [
        f"{a} {b} {c}"
        for a in FIRST
        for b in SECOND
        for c in [rng.choice(["Co., Ltd.", "Inc.", "Corporation", "LLC", "GmbH"])]
    ]
    made += _read(SHARED / "sample_company" / "suppliers.csv", ("name_en", "name_local"))
    made += _read(SHARED / "sample_company" / "customers.csv", ("name_en", "name_local"))
    made += _read(SHARED / "entity_lists" / "jp_entities.csv.gz", ("entity_name", "aliases"))
    return list(dict.fromkeys(n for n in made if len(n.strip()) > 1))


def _read(path: Path, columns: tuple[str, ...]) -> list[str]:
    if not path.is_file():
        return []
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    return [n for row in csv.DictReader(text.splitlines()) for c in columns for n in row[c].split("|") if n]
