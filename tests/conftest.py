"""What tests of every folder share."""


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write what is compared with")
