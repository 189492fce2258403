"""What people write in this company; some of it is what no program expects."""

from __future__ import annotations

AGENTS = (
    "anna.bauer", "ben.graf", "carla.otto", "david.weber", "elif.celik", "felix.maier",
)  # fmt: skip
TEAMS = {
    "network": ("greta.keller", "hannes.vogel", "ines.lehmann"), "servers": ("jonas.thiel", "mia.peters", "nils.engel"),
    "applications": ("olga.ivanova", "paul.richter", "ruth.schulz"),
    "databases": ("samira.jansen", "tobias.fischer", "viktor.albrecht"),
}  # fmt: skip
BOARD = ("ulrike.ziegler", "wiebke.neumann", "yusuf.hoffmann", "katharina.dietrich")
CUSTOMERS = tuple(f"customer.{number:02}" for number in range(1, 25))
HOSTILE_NAMES = (
    "Robert'); DROP TABLE incident;--", "=HYPERLINK(\"http://evil.example\",\"me\")", "山田 太郎", "<b>Bold</b> Person",
    "\x1b[31mRed\x1b[0m Alert", "Zoë \U0001f984 Übermüller", "+49 Plus Person",
)  # fmt: skip
HOSTILE_TITLES = (
    "<script>alert('itsm')</script> page does not load", "=cmd|' /C calc'!A0 opens from the shared spreadsheet",
    "\x1b[2J\x1b[31mTerminal prints strange colours", 'He said "it\'s broken", twice', "\U0001f525 Printer on fire",
    "プリンターが印刷できません", "Café menu shows \u202ereversed text", "C:\\temp\\..\\..\\etc\\passwd not found",
)  # fmt: skip
INCIDENTS = {
    "Network": ("VPN drops every few minutes", "No network in meeting room {n}"),
    "Hardware": ("Laptop {n} does not start", "Printer {n} jams on every page"),
    "Software": ("Spreadsheet crashes on save", "Report {n} shows wrong totals"),
    "Access": ("Cannot sign in to portal", "Missing rights on folder {n}"),
}
REQUESTS = {"Get IT help": ("Meeting room equipment", "Mailbox for a project"),
            "Request access": ("Access to shared folder {n}", "Database access for team {n}")}  # fmt: skip
PROBLEMS = ("Repeated outages of node {n}", "Recurring sign-in failures at site {n}", "Memory leak in service {n}")
CHANGES = ("Upgrade firmware of switch {n}", "Patch operating system on server {n}", "Deploy release {n} of the shop",
           "Replace certificate of portal {n}")  # fmt: skip
DESCRIPTION = "Reported through the portal. It started this week and keeps coming back: {title}."
JUSTIFICATION = "Needed to keep the platform supported and to remove a known weakness. See the plans."
REPLIES = (
    "Thank you for the report, we are looking into it now.",
    "An engineer has taken your case and will call you.",
)
NOTES = ("Checked the logs and collected the error messages.", "Reproduced the fault on a test machine.",
         "Asked the second level for a look at the configuration.")  # fmt: skip
QUESTIONS = ("Could you tell us when this happened last?", "Please send us a screenshot of the message.")
SOLUTIONS = ("Restarted the service and confirmed with the user that it works.",
             "Replaced the faulty part and tested the device.",
             "Corrected the configuration and documented it in the knowledge base.")  # fmt: skip
CAUSE = "A faulty driver released with last month's image corrupts the cache."
WORKAROUND = "Restart the service once a day until the driver is replaced."
IMPLEMENTATION = "1. Announce. 2. Take a backup. 3. Apply the change. 4. Verify with the smoke tests. 5. Report."
BACKOUT = "Stop at step 3, restore the backup taken in step 2 and verify with the smoke tests."
TEST = "Smoke tests of the three main transactions, run by the service owner's delegate."
REVIEW = "Review: objectives met, no unexpected effects were found in monitoring."
