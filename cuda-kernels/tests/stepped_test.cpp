// Coordinates as sums of many equal steps, rounded as if added one by one.
#include "stepped.cuh"

#include "tiers.hpp"

using namespace quern::test;

namespace {

double unit(std::mt19937_64& random) { return std::uniform_real_distribution<double>(-1, 1)(random); }

// Every sum on its own.
double summed(double start, double step, int64_t n) {
  for (int64_t i = 0; i < n; i++) start += step;
  return start;
}

}  // namespace

TEST("sums of steps are those of adding one by one") {
  auto random = seeded(5);
  for (int i = 0; i < 3000; i++) {
    const double step = std::ldexp(unit(random), static_cast<int>(random() % 40) - 20);
    const double start = std::ldexp(unit(random), static_cast<int>(random() % 60) - 20);
    const double half = std::ldexp(static_cast<double>(random() % 4096) + 0.5, static_cast<int>(random() % 8) - 44);  // ties
    const int64_t n = static_cast<int64_t>(random() % 20000);
    for (double by : {step, half, -half, 1.0, -1.0, 0.0, 1e300}) {
      for (double from : {start, 0.0, -by * 300, by * 0.1}) {
        const double expected = summed(from, by, n % (i % 4 == 0 ? 20000 : 100));
        EXPECT(quern::cuda::stepped(from, by, n % (i % 4 == 0 ? 20000 : 100)) == expected);
      }
    }
  }
}
