"""What people write in this company; some of it is what no program expects."""

from __future__ import annotations

FIRST_NAMES = (
    "Anna", "Ben", "Carla", "David", "Elif", "Felix", "Greta", "Hannes", "Ines", "Jonas", "Katharina", "Lukas", "Mia",
    "Nils", "Olga", "Paul", "Ruth", "Samira", "Tobias", "Ulrike", "Viktor", "Wiebke", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Albrecht", "Bauer", "Celik", "Dietrich", "Engel", "Fischer", "Graf", "Hoffmann", "Ivanova", "Jansen", "Keller",
    "Lehmann", "Maier", "Neumann", "Otto", "Peters", "Richter", "Schulz", "Thiel", "Vogel", "Weber",
    "Ziegler", "O'Neill",
)  # fmt: skip
HOSTILE_NAMES = (
    "Robert'); DROP TABLE incident;--", "=HYPERLINK(\"http://evil.example\",\"me\")", "山田 太郎", "<b>Bold</b> Person",
    "\x1b[31mRed\x1b[0m Alert", "Zoë \U0001f984 Übermüller", "A^B=C", "+49 Plus Person",
)  # fmt: skip
HOSTILE_TITLES = (
    "<script>alert('itsm')</script> page does not load", "=cmd|' /C calc'!A0 opens from the shared spreadsheet",
    "\x1b[2J\x1b[31mTerminal prints strange colours", "Search for a^b=c returns nothing ^NQactive=true",
    'He said "it\'s broken", twice', "\U0001f525 Printer on fire \U0001f525", "プリンターが印刷できません",
    "@SUM(1+1)*cmd|'/C calc'!A0 in mail subject", "Café menu shows \u202ereversed text",
    "C:\\temp\\..\\..\\etc\\passwd not found",
)  # fmt: skip
INCIDENTS = {
    "network": (
        "VPN drops every few minutes",
        "No network in meeting room {n}",
        "Slow connection to branch office {n}",
    ),
    "hardware": ("Laptop {n} does not start", "Docking station shows no picture", "Printer {n} jams on every page"),
    "software": ("Spreadsheet crashes on save", "ERP client freezes after update", "Report {n} shows wrong totals"),
    "database": ("Query times out on finance database", "Replication lag on node {n}", "Deadlocks in order database"),
    "email": ("Outlook asks for the password again", "Mail to customer {n} bounces", "Shared mailbox is missing"),
    "access": ("Cannot sign in to portal", "Account locked after holiday", "Missing rights on folder {n}"),
}
SUBCATEGORIES = {
    "network": "vpn", "hardware": "laptop", "software": "application", "database": "sql", "email": "mailbox",
    "access": "password",
}  # fmt: skip
REQUESTS = ("New laptop", "Access to shared folder", "Software licence", "Mobile phone", "Mailbox for a project",
            "VPN token", "Database access", "Meeting room equipment")  # fmt: skip
CHANGES = (
    "Upgrade firmware of switch {n}", "Patch operating system on server {n}", "Deploy release {n} of the web shop",
    "Extend storage of database {n}", "Replace certificate of portal {n}", "Move service {n} to the new cluster",
)  # fmt: skip
PROBLEMS = ("Repeated outages of node {n}", "Recurring sign-in failures at site {n}", "Memory leak in service {n}",
            "Backups fail at month end on host {n}")  # fmt: skip
NOTES = (
    "Checked the logs and collected the error messages.", "Tried the known steps, no change so far.",
    "Asked the second level for a look at the configuration.", "Waiting for the maintenance slot tonight.",
    "Reproduced the fault on a test machine.",
)  # fmt: skip
REPLIES = (
    "Thank you for the report, we are looking into it now.", "We have received your message and started to work on it.",
    "An engineer has taken your case and will call you shortly.",
)  # fmt: skip
QUESTIONS = ("Could you tell us when this happened last?", "Please send us a screenshot of the message.")
SOLUTIONS = (
    "Restarted the service and confirmed with the user that it works.",
    "Replaced the faulty part and tested the device.",
    "Corrected the configuration and documented it in the knowledge base.",
    "Reset the account and unlocked the profile.",
)  # fmt: skip
CAUSES = (
    "A faulty driver released with last month's image corrupts the cache.",
    "The connection pool was too small for peak load.",
    "An expired certificate on the gateway stopped the handshake.",
)  # fmt: skip
FULFILMENTS = ("Delivered to the desk and handed over in person.", "Granted the rights and confirmed by mail.")
DESCRIPTION = "Reported through the service desk. It started this week and keeps coming back. {title}."
JUSTIFICATION = "Needed to keep the platform supported and to remove a known weakness."
IMPLEMENTATION = "1. Announce. 2. Take a backup. 3. Apply the change. 4. Verify with the smoke tests. 5. Report."
BACKOUT = "Stop at step 3, restore the backup taken in step 2 and verify with the smoke tests."
TEST = "Smoke tests of the three main transactions, run by the service owner's delegate."
REVIEW = "Objectives met, no unexpected effects were found in monitoring."
