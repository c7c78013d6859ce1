"""Every table, with what it is for. The migrations make them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from storage.columns import Cents, Instant, ShareUnits

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("address", String(320), nullable=False, comment="who it is with; replies go here"),
    Column("opened_at", Instant, nullable=False),
    Column("parked", JSON, comment="the request that waits for a missing fact, with its names"),
    Column("clarified", Integer, nullable=False, default=0, comment="clarifying questions asked in a row"),
    Index("ix_conversations_address", "address"),
    comment="a thread; keyed by an unguessable id, never by a From header",
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("dedupe_key", String(512), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("mail_from", Text, nullable=False, comment="envelope sender"),
    Column("recipients", JSON, nullable=False),
    Column("peer", String(128), nullable=False),
    Column("helo", Text, nullable=False, server_default="", comment="the name that the client gave"),
    Column("received", Text, nullable=False, server_default="", comment="our Received field"),
    Column("received_at", Instant, nullable=False),
    Column("state", String(24), nullable=False),
    Column("reason", Text, nullable=False, default="", comment="why ignored, escalated or failed"),
    Column("conversation_id", ForeignKey("conversations.id")),
    Column("failures", Integer, nullable=False, default=0),
    Column("claims", Integer, nullable=False, default=0),
    Column("not_before", Instant, comment="when a failed try may be repeated; empty: at any time"),
    Column("lease_owner", String(96)),
    Column("lease_until", Instant),
    Column("error", Text, nullable=False, default=""),
    Column("decision", JSON, comment="what was understood and decided, by which model and terms"),
    Column("unchecked", Boolean, nullable=False, server_default=false(), comment="waits until it is known who sent it"),
    Column("sender", JSON, comment="how surely the sender is known, and by what"),
    Column("signed_digest", String(64), comment="of what the sender's domain signed"),
    Column("sameness", String(64), comment="of its words: equal where a machine says the same again"),
    Column("finished_at", Instant),
    UniqueConstraint("dedupe_key"),
    Index("ix_messages_due", "state", "not_before"),
    Index("ix_messages_conversation", "conversation_id"),
    Index("ix_messages_signed_digest", "signed_digest"),
    Index("ix_messages_sameness", "sameness"),
    comment="each message as it arrived, whatever became of it",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("cause", String(160), nullable=False, comment="what it answers; at most one letter a cause"),
    Column("kind", Text, nullable=False, comment="the letter, with every part of it"),
    Column("conversation_id", ForeignKey("conversations.id")),
    Column("rfc_message_id", String(320), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("envelope_from", String(320), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("returns", Integer, nullable=False, server_default="0", comment="returned for a passing cause, so often"),
    Column("next_at", Instant, comment="when the next try is due; empty: at any time"),
    Column("lease_owner", String(96)),
    Column("lease_until", Instant),
    Column("detail", Text, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("cause"),
    UniqueConstraint("rfc_message_id"),
    Index("ix_outbox_due", "state", "next_at"),
    Index("ix_outbox_conversation", "conversation_id"),
    Index("ix_outbox_recipient", "recipient", "created_at"),
    Index("ix_outbox_created_at", "created_at"),
    comment="finished letters on their way",
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("message_id", ForeignKey("messages.id"), nullable=False, comment="the message that asked"),
    Column("address", String(320), nullable=False, comment="the registered address the code went to"),
    Column("requests", JSON, nullable=False),
    Column("canonical", Text, nullable=False, comment="the effects read back, in canonical form"),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("state", String(16), nullable=False),
    Column("finished_at", Instant),
    Column("assurance", String(16), nullable=False, server_default="", comment="how surely the sender was known then"),
    Index("ix_confirmations_address", "address", "state"),
    Index("ix_confirmations_conversation", "conversation_id"),
    comment="requests parked until their single-use code comes back; the code itself is not stored",
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("taxpayer", String(64), nullable=False, comment="whose it is: keyed hash of the taxpayer id"),
    Column("kind", String(8), nullable=False, comment="PIN or TOTP"),
    Column("secret", Text, nullable=False, comment="a PIN's hash; a TOTP key, encrypted"),
    Column("enrolled_at", Instant, nullable=False),
    Column("enrolled_by", String(128), nullable=False),
    Column("tries", Integer, nullable=False, default=0, comment="wrong ones since the last right one"),
    Column("locked_at", Instant),
    Column("last_step", BigInteger, comment="the latest TOTP interval that was used; no earlier one counts"),
    Column("revoked_at", Instant),
    Column("revoked_by", String(128)),
    Column("reason", Text, comment="why it was revoked or unlocked"),
    Index(
        "uq_second_factors_standing",
        "taxpayer",
        "kind",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
    comment="what a holder knows besides the mailbox",
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id")),
    Column("reason", String(48), nullable=False),
    Column("understood", JSON, nullable=False),
    Column("draft", Text, nullable=False),
    Column("deadline_at", Instant, comment="the cut-off at risk, if any"),
    Column("state", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", String(128)),
    Column("answer", Text),
    Index(
        "uq_reviews_message_open",
        "message_id",
        unique=True,
        sqlite_where=text("state = 'OPEN'"),
        postgresql_where=text("state = 'OPEN'"),
    ),
    Index("ix_reviews_message", "message_id"),
    Index("ix_reviews_state", "state", "opened_at"),
    comment="messages that wait for Investor Relations",
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("corrected_at", Instant, nullable=False),
    Column("corrected_by", String(128), nullable=False),
    Column("note", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="only where the sender wrote it"),
    Column("live", Text, nullable=False, comment="the sender's own words, codes taken out"),
    Column("intents", JSON, nullable=False),
    Column("action", String(16), nullable=False),
    Column("slots", JSON, nullable=False),
    Column("was_read", JSON, nullable=False, comment="what the model had read, request by request"),
    Column("model", String(64), nullable=False, comment="digest of that model; empty if none read it"),
    Column("decided_at", Instant),
    Column("decided_by", String(128), comment="who accepted or rejected it, or corrected it anew"),
    Index(
        "uq_corrections_message_pending",
        "message_id",
        unique=True,
        sqlite_where=text("state = 'PENDING'"),
        postgresql_where=text("state = 'PENDING'"),
    ),
    Index("ix_corrections_message", "message_id"),
    Index("ix_corrections_state", "state", "corrected_at"),
    comment="messages that staff reclassified; the accepted ones are trained on",
)

registrations = Table(
    "registrations",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("account_number", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", String(320), nullable=False),
    Column("address", Text, nullable=False),
    Column("state", String(2), nullable=False),
    Column("country", String(2), nullable=False),
    Column("registered_shares", ShareUnits, nullable=False),
    Column("taxpayer", String(64), nullable=False, comment="keyed hash of the taxpayer id"),
    Column("bank", Text, nullable=False, comment="encrypted; empty if none"),
    Column("holds", JSON, nullable=False),
    Column("sales_held_until", Date),
    Column("is_current", Boolean, nullable=False, comment="in the latest holders file"),
    UniqueConstraint("account_number"),
    Index("ix_registrations_email", "email"),
    Index("ix_registrations_taxpayer", "taxpayer"),
    comment="holders of record, as the transfer agent's file has them",
)

reported_holds = Table(
    "reported_holds",
    metadata,
    Column("registration_id", ForeignKey("registrations.id"), primary_key=True),
    Column("cause", String(160), primary_key=True, comment="the message that reported it, and which part of it"),
    Column("hold", String(16), nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("released_at", Instant, comment="empty: the hold stands"),
    Column("released_by", String(128)),
    Column("reason", Text, comment="why it was released"),
    comment="holds of our own, from what was written to us; no holders file sets or lifts them",
)

accounts = Table(
    "accounts",
    metadata,
    Column("registration_id", ForeignKey("registrations.id"), primary_key=True),
    Column("status", String(24), nullable=False),
    Column("enrolled_on", Date),
    Column("changed_at", Instant, nullable=False),
    comment="a registration's account in the plan",
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("registration_id", ForeignKey("registrations.id"), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("cause", String(160), nullable=False),
    comment="which prospectus version a holder acknowledged, when, and by what",
)

deductions = Table(
    "deductions",
    metadata,
    Column("registration_id", ForeignKey("registrations.id"), primary_key=True),
    Column("amount", Cents, nullable=False),
    Column("status", String(16), nullable=False),
    Column("authorised_on", Date, comment="when the signed authorisation came in; empty until then"),
    Column("changed_at", Instant, nullable=False),
    comment="monthly automatic deductions",
)

purchase_orders = Table(
    "purchase_orders",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("cause", String(160), nullable=False),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("amount", Cents, nullable=False),
    Column("payment_method", String(24), nullable=False),
    Column("purchase_date", Date, nullable=False),
    Column("cut_off", Instant, nullable=False),
    Column("state", String(24), nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("cause"),
    Index("ix_purchase_orders_registration", "registration_id", "received_at"),
    comment="orders to invest dollars",
)

sale_orders = Table(
    "sale_orders",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("cause", String(160), nullable=False),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("shares", ShareUnits, nullable=False),
    Column("portion", String(8)),
    Column("purchase_date", Date, nullable=False),
    Column("cut_off", Instant, nullable=False),
    Column("state", String(24), nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("cause"),
    Index("ix_sale_orders_registration", "registration_id", "received_at"),
    comment="orders to sell plan shares",
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("id", String(160), primary_key=True, comment="derived from its cause"),
    Column("at", Instant, nullable=False),
    Column("memo", Text, nullable=False),
    comment="double entry, append-only: the only truth about balances",
)

postings = Table(
    "postings",
    metadata,
    Column("entry_id", ForeignKey("ledger_entries.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("account", String(96), nullable=False),
    Column("unit", String(8), nullable=False, comment="SHARE or USD"),
    Column("quantity", BigInteger, nullable=False, comment="ten-thousandths of a share, or cents; signed"),
    Index("ix_postings_account", "account", "unit"),
    comment="the lines of an entry; they sum to zero in each unit",
)

state_entries = Table(
    "state_entries",
    metadata,
    Column("code", String(2), primary_key=True),
    Column("effective", Date, primary_key=True),
    Column("status", String(8), nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    comment="where the plan may be offered, by effective date; maintained by Investor Relations",
)

loaded_files = Table(
    "loaded_files",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("loaded_at", Instant, nullable=False),
    UniqueConstraint("kind", "sequence"),
    comment="files taken in; each only once",
)

installation = Table(
    "installation",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    comment="what this installation is known by: which secret its store was made with",
)
