"""Writes lines as sites write them; all chance comes from a seed.

All words are written by hand (written_furniture.toml), names are drawn from syllables.
"""

import random
import tomllib
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_name("written_furniture.toml").read_text("utf-8"))
LINES, LABELS = WORDS["lines"], WORDS["labels"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SMALL = frozenset(["in", "for", "of", "the", "to", "over", "at", "by", "as", "a"])
SITES = (
    "The {} Times", "{} Herald", "The {} Post", "{} Gazette", "Daily {}", "{} News", "{} Tribune",
    "The {} Star", "{} Today", "{} Press", "Radio {}", "{} Online", "{} Chronicle", "{} Echo",
)  # fmt: skip
HEADERS = (
    "Related stories", "Top Stories", "Most Popular", "More news", "Latest headlines",
    "Also in the news", "More from this section", "Other stories", "In this section",
    "More {s} News", "Latest {s} news", "Recent posts", "Don't miss", "Most emailed",
    "Related links", "Read more", "See also",
)  # fmt: skip
ITEMS = ("{head}", "{head}", "{head}", "{n}. {head}", "- {head}", "{head} - {date}")
ITEMS += ("{head} ({n})", "• {head}", "{clock} {head}")
HEAD_SIGNS = ("{date}", "{clock}", "By ", "by {", "{s} |", "Home", "Posted", "Updated", "Photo")
FOOTER = [line for line in LINES if any(sign in line for sign in ("opyright", "©", "site"))]
HEAD = [line for line in LINES if any(sign in line for sign in HEAD_SIGNS)]


class Pen:
    """Writes lines; all chance comes from its seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pick = self.chance.choice

    def word(self) -> str:
        return "".join(self.pick(WORDS["syllables"]) for _ in range(self.pick((2, 2, 3)))).title()

    def name(self) -> str:
        return f"{self.word()} {self.word()}"

    def date(self) -> str:
        day, month, year = (
            self.chance.randint(1, 28),
            self.pick(MONTHS),
            self.chance.randint(1999, 2024),
        )
        number = MONTHS.index(month) + 1
        return self.pick((
            f"{month} {day}, {year}", f"{day} {month} {year}", f"{month[:3]} {day}, {year}",
            f"{month[:3]}. {day}, {year}", f"{day:02}/{number:02}/{year}",
            f"{year}-{number:02}-{day:02}", f"{day}-{month[:3]}-{year}", f"{month} {day}",
            f"{day}.{number}.{year}",
        ))  # fmt: skip

    def clock(self) -> str:
        hour, minute = self.chance.randint(1, 23), self.chance.randint(0, 59)
        half = self.pick(("am", "pm", "AM", "PM", "a.m.", "p.m."))
        zone = self.pick(("GMT", "EST", "EDT", "PST", "CET", "BST"))
        whole = f"{hour}:{minute:02}"
        return self.pick((f"{(hour - 1) % 12 + 1}:{minute:02} {half}", whole, f"{whole} {zone}"))

    def fill(self, pattern: str) -> str:
        """A pattern with its names drawn."""
        if "{head}" in pattern:
            pattern = pattern.replace("{head}", self.headline())
        section = [self.pick(WORDS["sections"]) for _ in range(4)]
        topic, bodies, place = self.pick(WORDS["topics"]), self.pick(WORDS["bodies"]), self.word()
        name = self.name()
        return pattern.format(
            x=self.pick(("read more stories", "see more photos", "subscribe", "see the results",
                         "order a copy", "register", "full coverage")),
            s=section[0], s2=section[1], s3=section[2], s4=section[3],
            topic=topic, topic2=self.pick(WORDS["topics"]), topic_c=topic.capitalize(),
            topic_l2=topic, org=bodies, org_s=bodies, org_l=bodies.lower(), bodies=bodies.lower(),
            verb=self.pick(WORDS["verbs"]), tail=self.pick(WORDS["circumstances"]),
            verb_p=self.pick(("rejected", "backed", "questioned", "welcomed", "delayed")),
            place=place, place2=self.word(), name=name, NAME=name.upper(), name2=self.name(),
            name3=self.name(), site=self.pick(SITES).format(self.word()),
            site2=self.pick(SITES).format(self.word()), mail=self.word().lower(),
            dom=self.word().lower() + self.pick((".com", ".org", ".net", ".example")),
            y=self.chance.randint(1998, 2024), n=self.chance.randint(1, 90),
            n2=self.chance.randint(1, 90), date=self.date(), clock=self.clock(),
            day=self.pick(DAYS),
        )  # fmt: skip

    def headline(self) -> str:
        line = self.fill(self.pick(WORDS["headlines"]))
        style = self.chance.random()
        if style < 0.4:
            words = line.split()
            return " ".join(w if w.lower() in SMALL else w[:1].upper() + w[1:] for w in words)
        return line.upper() if style < 0.45 else line

    def furniture(self, language: str | None = None) -> str:
        """One line of a page that is none of the article's."""
        kind = self.chance.random()
        if language and kind < 0.6:
            return self.pick(WORDS["other_languages"][language])
        if kind < 0.33:
            return self.label()
        if kind < 0.70:
            return self.fill(self.pick(LINES))
        if kind < 0.92:
            return self.headline()
        return self.fill(self.pick(WORDS["teasers"]))

    def label(self) -> str:
        label, style = self.pick(LABELS), self.chance.random()
        if style < 0.06:
            return label.upper()
        if style < 0.12:
            return label.title()
        return label + self.pick((":", " »", " >", "...")) if style < 0.2 else label

    def tail(self, most: int, language: str | None) -> list[str]:
        """Furniture as sites stack it: buttons, headings with headlines, sections, a footer."""
        stack: list[str] = []
        while len(stack) < most:
            kind = self.chance.random()
            if kind < 0.3:
                stack += [self.furniture(language) for _ in range(self.chance.randint(1, 4))]
            elif kind < 0.55:
                stack += self.links(language)
            elif kind < 0.7:
                stack += self.chance.sample(WORDS["sections"], self.chance.randint(2, 6))
            elif kind < 0.85:
                stack += self.chance.sample(LABELS, self.chance.randint(2, 6))
            else:
                stack += [self.fill(line) for line in self.chance.sample(FOOTER, 2)]
        return stack[:most]

    def links(self, language: str | None) -> list[str]:
        stack = [self.fill(self.pick(HEADERS))]
        item = self.pick(ITEMS)
        for _ in range(self.chance.randint(2, 7)):
            stack.append(
                self.fill(item) if self.chance.random() < 0.9 else self.furniture(language)
            )
            if self.chance.random() < 0.15:
                stack.append(self.fill(self.pick(WORDS["teasers"])))
        return stack

    def head(self, most: int, language: str | None) -> list[str]:
        """A few lines above an article: kicker, byline, date, buttons."""
        kinds = [self.chance.random() for _ in range(most)]
        return [
            self.fill(self.pick(HEAD)) if kind < 0.45
            else self.pick(WORDS["sections"]) if kind < 0.6
            else self.furniture(language)
            for kind in kinds
        ]  # fmt: skip
