"""How much one stranger may ask of the mail part: the bounds of a session, of a message and of its reading.

Every bound is here, so that none hides in a loop. All are our choice; where a standard names a least value, it is
cited. Raising one costs memory or time in proportion; none may be switched off.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of mail intake: first those that the SMTP sessions keep, then those of reading a message."""

    message_bytes: int = 10_000_000
    """A message as received, headers and all. Told to clients as SIZE (RFC 1870); more is refused with 552."""
    drain_factor: int = 5
    """How many times `message_bytes` an oversize message may go on before the connection is cut instead of read out."""
    line_length: int = 65_536
    """Octets of one line of content, CRLF included. RFC 5321 asks for 1,000; many senders write longer ones."""
    command_length: int = 1_024
    """Octets of one command line. RFC 5321 asks for 512 and more for each extension."""
    header_bytes: int = 262_144
    """The header section. More is refused at the door, and not read where it came another way."""
    header_count: int = 1_000
    """Header fields in one section. Ordinary mail has 20 to 80."""
    hops: int = 50
    """Received fields; more is a routing loop (RFC 5321 section 6.3 asks for at least 100 only of relays)."""
    recipients: int = 100
    """Recipients of one message, the least that RFC 5321 section 4.5.3.1.8 allows."""
    connections: int = 200
    """Sessions at once."""
    connections_per_address: int = 20
    """Sessions at once from one IPv4 address or one IPv6 /64."""
    commands: int = 1_000
    """Replies given in one session before it is ended with 421."""
    errors: int = 20
    """Refusals (5xx) in one session before it is ended with 421. Refusing the 101st recipient (452) does not count."""
    idle_seconds: float = 300.0
    """Silence between commands; RFC 5321 section 4.5.3.2.7 asks for five minutes."""
    data_seconds: float = 600.0
    """From DATA to its final dot, however the bytes drip."""
    accept_seconds: float = 60.0
    """What storing a message may take before the client is told to come back (451)."""
    closing_seconds: float = 10.0
    """What a session may take to end, once it was told so, before its connection is cut."""
    session_seconds: float = 3_600.0
    """A session as a whole, however busy; a message that is being stored is answered first."""
    session_messages: int = 100
    """Messages in one session, refused ones included, before it is ended with 421. Senders open another."""
    handshake_seconds: float = 30.0
    """From STARTTLS to the end of its handshake, however the bytes drip."""
    proxy_seconds: float = 10.0
    """From the connection to the end of the load balancer's PROXY header."""
    connection_burst: int = 60
    """Connections from one IPv4 address or IPv6 /64 in quick succession."""
    connections_per_minute: float = 60.0
    """What one IPv4 address or IPv6 /64 may open in the long run; more is told to come back (421)."""
    remembered_addresses: int = 10_000
    """Addresses whose rate of connections is kept in mind; the one that was away longest is forgotten first."""
    content_bytes_at_once: int = 400_000_000
    """Content that all sessions of one listener hold at a moment; more is put off with 452. Looking at a message
    takes up to twice its size besides."""
    refused_parts: int = 2_000
    """Parts of a message that are surely no letter but a bomb; refused at the door. Those over `mime_parts` are not."""
    refused_depth: int = 200
    """Parts within parts, and letters within letters, that are surely a bomb; refused at the door."""

    mime_parts: int = 500
    """Parts of a message, attachments included."""
    mime_depth: int = 20
    """Parts within parts."""
    html_bytes: int = 2_000_000
    """HTML of a message that is converted to text, over all its parts, in characters."""
    html_tags: int = 30_000
    """Opening and closing tags in the HTML of a message; the rest is not read. A thread of 600 KB by Outlook has about
    25,000. The parser may look through every open element at each tag, so its time can grow with the square of this."""
    html_depth: int = 2_000
    """Elements open at once in HTML, if every closing tag closes one. Most HTML mail has under 60."""
    html_attributes: int = 200
    """Attributes of one tag, and of all `html` and `body` tags of a part together: each is compared with each."""
    html_choices: int = 2_000
    """Form choices (`select`, `option`, `optgroup`) in a message: each is compared with each."""
    html_adoptions: int = 20_000_000
    """Closing tags of formatting and links, times the elements that may be open: it may look through all for each.
    At the bound that takes 0.9 s."""
    html_reopened: int = 200_000_000
    """Characters of formatting that the parser could open anew, if every tag closed all and the next reopened all.
    At the bound that takes 0.6 s and 460 MB."""
    html_nodes: int = 150_000
    """Elements and runs of text that are looked at in the HTML of a message, and elements that its style sheets' rules
    fit, once for each rule."""
    html_quote_depth: int = 50
    """Marks of quotation before one line of text; deeper quotations get no more."""
    text_characters: int = 200_000
    """Decoded text. More is cut, and the message goes to a person."""
    subject_characters: int = 500
    """Decoded subject."""
    file_name_characters: int = 150
    """A cleaned attachment name."""
    references: int = 100
    """Message-IDs taken from References, the newest."""
    light_message_bytes: int = 65_536
    """A message up to this is read with the ordinary ones; a larger one by a process of its own, so that ordinary
    letters never wait for it."""
    reading_processor_seconds: int = 5
    """Time of the processor for reading one message. The slowest known takes 2 s, an ordinary one 0.01 s."""
    reading_memory_bytes: int = 1_500_000_000
    """What a reading process may take beyond what it has with its model loaded, which is about 250 MB."""
