"""Ports: the interfaces of the services to the outside world. mypy checks in ``wiring`` that adapters fit."""
