#include "expect.hpp"

int main(int count, char** arguments) { return quern::test::run_all(count, arguments); }
