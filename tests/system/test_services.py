"""The servers that the tests bring themselves."""


def test_the_broker_of_the_tests_comes_and_goes_at_the_address_in_the_settings(broker, settings):
    assert broker.url == settings.REDIS_URL
    broker.client.set("gibbon-test", "here")
    broker.stop()
    assert not broker.answers()
    broker.start()
    assert broker.client.get("gibbon-test") is None
