"""A specimen of every letter: what is decided on a specimen request, and what the letter must then hold.

Most come out of the handlers themselves, so that a letter is tried with the
facts it will really have.
"""

from __future__ import annotations

from tests.letters.sample_answers import completed
from tests.letters.sample_exchanges import questions, read_backs
from tests.letters.sample_month import month_letters
from tests.letters.sample_others import others
from tests.letters.sample_refusals import refusals

SAMPLES = (*completed(), *read_backs(), *refusals(), *questions(), *others(), *month_letters())
