"""The database itself: engines, migrations, locks, backups and maintenance."""
