"""Where the plan may be offered: an effective-dated list that IR maintains.

No list is shipped as fact. A place without an entry is UNKNOWN, and what is
unknown goes to staff. PR, "States".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class StateStatus(Enum):
    """Whether the program can be offered to residents of a state."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


STATE_NAMES: dict[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
    "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
    "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "PR": "Puerto Rico", "GU": "Guam",
    "VI": "U.S. Virgin Islands", "AS": "American Samoa", "MP": "Northern Mariana Islands",
}  # fmt: skip
"""USPS codes and the names of the places they stand for."""

ARMED_FORCES = frozenset({"AA", "AE", "AP"})
"""USPS codes of military addresses: United States addresses that lie in no state."""


@dataclass(frozen=True, slots=True)
class StateEntry:
    """From `effective` on, `code` has `status`."""

    code: str
    status: StateStatus
    effective: date


@dataclass(frozen=True, slots=True)
class StateList:
    """What IR has recorded, in any order."""

    entries: tuple[StateEntry, ...] = ()

    def status(self, code: str, day: date) -> StateStatus:
        """The status of the place `code` on `day`; UNKNOWN where nothing is recorded."""
        known = [entry for entry in self.entries if entry.code == code and entry.effective <= day]
        if not known:
            return StateStatus.UNKNOWN
        return max(known, key=lambda entry: entry.effective).status
