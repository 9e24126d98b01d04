"""The tests of debtplan: names are sentences, fakes instead of mocks, no network."""
