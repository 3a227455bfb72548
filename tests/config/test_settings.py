"""Settings come whole from the environment or not at all."""

import re
from pathlib import Path

import pytest

from config.settings import Addresses, Settings, SettingsError

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_an_empty_environment_is_enough():
    settings = Settings.from_env({})

    assert settings.redis_url is None
    assert settings.addresses.okx_url == "https://www.okx.com"


def test_every_address_can_be_overridden():
    names = list(Addresses.model_fields)
    settings = Settings.from_env({name.upper(): f"http://127.0.0.1/{name}" for name in names})

    assert {getattr(settings.addresses, name) for name in names} == {
        f"http://127.0.0.1/{name}" for name in names
    }


def test_every_wrong_variable_is_named_at_once():
    with pytest.raises(SettingsError) as error:
        Settings.from_env({"PORT": "http", "LOG_LEVEL": "LOUD", "MAX_RULES_PER_CHAT": "0"})

    assert all(name in str(error.value) for name in ("PORT", "LOG_LEVEL", "MAX_RULES_PER_CHAT"))


def test_a_wrong_value_is_not_repeated_since_it_may_be_a_secret():
    with pytest.raises(SettingsError) as error:
        Settings.from_env({"PORT": "123:secret-token"})

    assert "secret-token" not in str(error.value)


def test_secrets_do_not_show_in_the_repr():
    settings = Settings.from_env({"TELEGRAM_TOKEN": "123:abc", "REDIS_URL": "redis://:pw@x"})

    assert "123:abc" not in repr(settings)
    assert "pw" not in repr(settings.redis_url)


def test_an_empty_variable_means_the_default():
    assert Settings.from_env({"PORT": " ", "DEFAULT_ZONE": ""}).default_zone == "UTC"


def test_the_variables_by_which_a_paas_names_itself_tell_of_a_disk_that_does_not_last():
    assert Settings.from_env({"DYNO": "worker.1"}).ephemeral_disk == "worker.1"


def test_every_setting_is_explained_in_the_example():
    written = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE))
    known = {n.upper() for n in (*Settings.model_fields, *Addresses.model_fields)}

    assert known - {"ADDRESSES", "EPHEMERAL_DISK"} == written


def test_the_defaults_in_the_example_are_the_real_ones():
    lines = re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    example = {name: value for name, value in lines if value}

    assert Settings.from_env(example) == Settings.from_env({})
