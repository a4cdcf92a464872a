"""Build the gateways of a desk from its settings and keys."""

from __future__ import annotations

from paydesk.gateways.ams360.ems import Ams360Ems
from paydesk.gateways.ams360.session import EmsConfig
from paydesk.gateways.ams360.wsapi import Ams360Wsapi, WsapiConfig
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig
from paydesk.services.ports.clock import Clock
from paydesk.wiring.environment import Environment


def processor_config(environment: Environment) -> AndDoneConfig:
    """Return the connection settings of the processor. Raises KnownError if its keys are not set."""
    settings = environment.settings.anddone
    return AndDoneConfig(
        base_url=settings.base_url,
        api_key=environment.key("anddone-api-key"),
        app_key=environment.key("anddone-app-key"),
        origin=settings.origin,
        connect_timeout_s=settings.connect_timeout_s,
        read_timeout_s=settings.read_timeout_s,
        desk=environment.settings.desk,
        send_fee=settings.send_fee,
        fee_in_adjustment=settings.fee_in_adjustment,
    )


def processor(environment: Environment) -> AndDone:
    """Return the processor. Raises KnownError if its keys are not set."""
    return AndDone(processor_config(environment))


def ems_config(environment: Environment) -> EmsConfig:
    """Return the connection settings of AMS360's EMS. Raises KnownError if its keys are not set."""
    settings = environment.settings.ams360
    return EmsConfig(
        base_url=settings.base_url,
        app_key=environment.key("ams360-app-key"),
        agency_no=settings.agency_no,
        access_key=environment.key("ams360-access-key"),
        connect_timeout_s=settings.connect_timeout_s,
        read_timeout_s=settings.read_timeout_s,
        names=settings.names,
        lines_show_receipts=settings.lines_show_receipts,
    )


def ems(environment: Environment, clock: Clock) -> Ams360Ems | None:
    """Return AMS360's EMS, or None for an agency that uses files. Raises KnownError without keys."""
    return Ams360Ems(ems_config(environment), clock.now) if environment.settings.needs_ems else None


def wsapi(environment: Environment, clock: Clock) -> Ams360Wsapi | None:
    """Return AMS360's WSAPI, or None if the agency has no such login. The caller must close it."""
    settings = environment.settings
    if not settings.wsapi.login_id:
        return None
    config = WsapiConfig(
        agency_no=settings.ams360.agency_no,
        login_id=settings.wsapi.login_id,
        password=environment.key("wsapi-password"),
        base_url=settings.wsapi.base_url,
        employee_code=settings.wsapi.employee_code,
        note_as=settings.wsapi.note_as,
        action=settings.wsapi.action,
        time_zone=settings.time_zone,
    )
    return Ams360Wsapi(config, clock.now)
