"""The names that states and their people go by, beside the postal codes."""

from __future__ import annotations

from handlers.plan.states import STATE_NAMES

CODE_OF_NAME = {name.lower(): code for code, name in STATE_NAMES.items()} | {
    "n. dakota": "ND", "s. dakota": "SD", "n dakota": "ND", "s dakota": "SD", "no. dakota": "ND", "so. dakota": "SD",
    "n. carolina": "NC", "s. carolina": "SC", "n carolina": "NC", "s carolina": "SC", "no. carolina": "NC",
    "so. carolina": "SC", "w. virginia": "WV", "w virginia": "WV", "washington state": "WA", "washington, d.c.": "DC",
    "washington d.c.": "DC", "washington, dc": "DC", "washington dc": "DC",
    "new york city": "NY", "oklahoma city": "OK", "virgin islands": "VI", "the district": "DC", "d. c.": "DC",
    "pennsilvania": "PA", "pensylvania": "PA", "massachusets": "MA",
    "missisippi": "MS", "tennesee": "TN", "conneticut": "CT",
    "illinios": "IL", "cincinnati, ohio": "OH", "michagan": "MI", "michgan": "MI", "wisconson": "WI",
}  # fmt: skip
"""By name in small letters, as people write and misspell it."""
DEMONYMS = {
    "texan": "TX", "virginian": "VA", "pennsylvanian": "PA", "hoosier": "IN", "michigander": "MI", "michiganian": "MI",
    "iowan": "IA", "ohioan": "OH", "floridian": "FL", "californian": "CA", "new yorker": "NY", "oregonian": "OR",
    "nebraskan": "NE", "kansan": "KS", "minnesotan": "MN", "wisconsinite": "WI", "illinoisan": "IL", "arizonan": "AZ",
    "georgian": "GA", "alaskan": "AK", "hawaiian": "HI", "vermonter": "VT", "mainer": "ME", "marylander": "MD",
    "tennessean": "TN", "kentuckian": "KY", "missourian": "MO",
    "montanan": "MT", "coloradan": "CO", "puerto rican": "PR",
    "north dakotan": "ND", "south dakotan": "SD", "new mexican": "NM", "nevadan": "NV", "utahn": "UT", "idahoan": "ID",
    "new jerseyan": "NJ", "north carolinian": "NC", "south carolinian": "SC", "louisianan": "LA", "oklahoman": "OK",
    "alabaman": "AL", "arkansan": "AR", "delawarean": "DE", "rhode islander": "RI", "west virginian": "WV",
}  # fmt: skip
"""Who lives there."""
ABBREVIATIONS = {
    "Ala": "AL", "Ariz": "AZ", "Ark": "AR", "Calif": "CA",
    "Colo": "CO", "Conn": "CT", "Del": "DE", "Fla": "FL", "Ill": "IL",
    "Ind": "IN", "Kans": "KS", "Mass": "MA", "Mich": "MI",
    "Minn": "MN", "Mont": "MT", "Nebr": "NE", "Neb": "NE", "Nev": "NV",
    "Okla": "OK", "Ore": "OR", "Penn": "PA", "Penna": "PA",
    "Tenn": "TN", "Tex": "TX", "Wash": "WA", "Wis": "WI", "Wisc": "WI",
    "Wyo": "WY", "W.Va": "WV", "W. Va": "WV", "Va": "VA", "Vt": "VT", "Ky": "KY",
    "Md": "MD", "Ga": "GA", "La": "LA", "Mo": "MO", "N. Mex": "NM",
    "N. Dak": "ND", "S. Dak": "SD", "N. Car": "NC", "S. Car": "SC",
}  # fmt: skip
"""Short names that end in a point, without it."""
