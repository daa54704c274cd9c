"""The first form of the register."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


# Table → its columns: name:type; s40 is text of at most 40 characters; * of the primary key, ! never empty.
TABLES = {
    "asset": (
        "key:s120* kind:text maker:text model:text serial:text uuid:text macs:text hostname:text fqdn:text "
        "address:text state:text condition:text site:text location:text department:text owner:text "
        "data_class:text supplier:text invoice:text warranty_source:text parent:text media:text notes:text "
        "extra:text criticality:count life_months:count approved:s3 backup_required:s3 ordered:day received:day "
        "purchased:day warranty_until:day eol_on:day cost:money salvage:money currency:text holder:text "
        "held_since:day due:day terms:text accepted:day signature:text return_signature:text repair_with:text "
        "disposal:text requested_by:text approved_by:text recycler:text certificate:text certificate_sha256:text "
        "disposed_on:day proceeds:money serial_key:text uuid_key:text live:flag! voided:flag!"
    ),
    "budget": ("key:s120* department:text year:count amount:money currency:text what_for:text voided:flag!"),
    "collected": ("asset:s120* source_run:number! inventoried:day! hardware:text! primary_user:text! system:text!"),
    "consumable": (
        "key:s120* name:text site:text location:text fits:text on_hand:count reorder_at:count unit_cost:money "
        "currency:text supplier:text voided:flag!"
    ),
    "decision": (
        "key:s120* verdict:text subject:text owner:text decision:text severity:text word:text decided_on:day "
        "until:day voided:flag!"
    ),
    "declared": ("key:s120* product:text quantity:count source:text counted_on:day voided:flag!"),
    "entitlement": (
        "key:s120* product:text metric:text metric_params:text downgrade:text scope:text agreement:text "
        "max_release:text quantity:count pack_size:count starts:day ends:day maintenance_until:day "
        "unit_cost:money currency:text term_months:count second_use:s3 auto_renew:s3 notice_days:count order:text "
        "invoice:text proof:text state:text owner:text notes:text voided:flag!"
    ),
    "event": (
        "number:number* ref:s140! at:s32! actor:text! run:s16! why:text! before:text after:text previous:s64! hash:s64!"
    ),
    "excuse": ("key:s120* holder:text why:text expires:day voided:flag!"),
    "exemption": ("key:s120* product:text holder:text why:text approved_by:text expires:day voided:flag!"),
    "import": (
        "key:s120* file:text sha256:text said:text options:text taken:day new:count changed:count same:count "
        "refused:count voided:flag!"
    ),
    "installation": (
        "number:number* source_run:number! asset:s120! publisher:text! name:text! version:text! scope:text! "
        "user:text! installed:day last_used:day last_used_status:s12!"
    ),
    "kept_case": ("key:s16* state:s10! body:text!"),
    "measured": ("key:s120* product:text file:text sha256:text sessions:count first_day:day last_day:day voided:flag!"),
    "position": ("day:day* product:text* metric:text* scope:text* effective:count! required:count! status:text!"),
    "price": ("key:s120* product:text amount:money currency:text pack:count voided:flag!"),
    "session": ("number:number* product:text! began:s32! ended:s32! site:text! source_run:number!"),
    "sighting": (
        "source:s20* ref:s300* source_run:number! name:text! identities:text! address:text! seen:s32! facts:text!"
    ),
    "source_run": (
        "number:number* source:s20! name:text! ok:flag! began:s32! ended:s32! scopes:text! rows:count! "
        "failures:text! input:s64! run:s16!"
    ),
    "stocktake": (
        "key:s120* site:text location:text opened_by:text snapshot:text closed_by:text result:text "
        "supersedes:text opened:day closed:day expected:count found:count missing:count misplaced:count "
        "unexpected:count repeated:count voided:flag!"
    ),
    "waiver": ("key:s120* audit:text rule:text subject:text why:text approved_by:text expires:day voided:flag!"),
    "expected": ("stocktake:s120* asset:s120* place:text! holder:text!"),
    "failure": ("key:s120* asset:text happened_on:day what:text ticket:text down_hours:count voided:flag!"),
    "medium": (
        "key:s120* asset:text kind:text maker:text model:text serial:text method:text technique:text tool:text "
        "verification:text operator:text verifier:text destination:text sanitised_on:day voided:flag!"
    ),
    "scan": ("stocktake:s120* number:count* code:text! at:s32! by:text! place:text! photo:s64!"),
    "seat": (
        "key:s120* entitlement:text holder:text quantity:count since:day until:day why:text approved_by:text "
        "over:count over_until:day voided:flag!"
    ),
    "spend": (
        "key:s120* budget:text spent_on:day amount:money currency:text what:text invoice:text consumable:text "
        "asset:text voided:flag!"
    ),
    "usage": ("key:s120* asset:text day:day hours:count source:text voided:flag!"),
}
KEYS = (  # table, column, the table it points to
    ("expected", "stocktake", "stocktake"),
    ("failure", "asset", "asset"),
    ("medium", "asset", "asset"),
    ("scan", "stocktake", "stocktake"),
    ("seat", "entitlement", "entitlement"),
    ("spend", "budget", "budget"),
    ("usage", "asset", "asset"),
)
CHECKS = (
    ("asset", "held_by_somebody", "(state IN ('deployed', 'on_loan')) = (holder IS NOT NULL)"),
    ("asset", "loans_end", "state <> 'on_loan' OR due IS NOT NULL"),
    ("asset", "two_people_dispose", "state <> 'disposed' OR requested_by <> approved_by"),
    ("consumable", "none_below_zero", "on_hand >= 0"),
    ("exemption", "always_ends", "expires IS NOT NULL"),
    ("waiver", "always_ends", "expires IS NOT NULL"),
    ("seat", "some", "quantity > 0"),
)
INDICES = {
    "asset": (
        "holder",
        "hostname",
        "parent",
        "serial_key",
        "site",
        "state",
    ),
    "entitlement": ("product",),
    "event": ("ref",),
    "installation": (
        "asset",
        "source_run",
    ),
    "session": ("product",),
    "failure": ("asset",),
    "medium": ("asset",),
    "seat": (
        "entitlement",
        "holder",
    ),
    "spend": ("budget",),
    "usage": ("asset",),
}
TYPES: dict[str, Any] = {
    "number": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "money": sa.BigInteger(),
    "count": sa.Integer(),
    "flag": sa.Boolean(),
    "day": sa.Date(),
    "text": sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
}


def upgrade() -> None:
    """Make all tables, then what holds between them."""
    for name, columns in TABLES.items():
        keys = [sa.ForeignKeyConstraint([c], [f"{to}.key"], f"fk_{name}_{c}") for of, c, to in KEYS if of == name]
        checks = [sa.CheckConstraint(text, op.f(f"ck_{name}_{what}")) for of, what, text in CHECKS if of == name]
        made = [_column(*one.split(":")) for one in columns.split()]
        primary = sa.PrimaryKeyConstraint(*(c.name for c in made if c.info.get("key")), name=f"pk_{name}")
        op.create_table(name, *made, primary, *keys, *checks)
    for name, columns_ in INDICES.items():
        for column in columns_:
            op.create_index(f"ix_{name}_{column}", name, [column])
    for column in ("serial_key", "uuid_key"):
        only = sa.text(f"live IS true AND voided IS false AND {column} IS NOT NULL")
        name = f"uq_asset_live_{column}"
        op.create_index(name, "asset", [column], unique=True, sqlite_where=only, postgresql_where=only)


def _column(name: str, code: str) -> sa.Column:  # type: ignore[type-arg]
    word = code.rstrip("*!")
    type_ = TYPES[word] if word in TYPES else _letters(int(word[1:]))
    key, needed = code.endswith("*"), code.endswith("!")
    default = sa.false() if name == "voided" else None
    return sa.Column(name, type_, nullable=not (key or needed), server_default=default, info={"key": key})


def _letters(longest: int) -> sa.types.TypeEngine[str]:
    return sa.String(longest).with_variant(sa.String(longest, collation="C"), "postgresql")
