// Serves bench/run over standard input and output, a line per request and per answer, words apart by tabs:
//   ceilings THREADS                    → "NAME VALUE" lines (bytes or operations a second), then "ok"
//   bandwidth read|copy BYTES THREADS   → bytes a second over an array of so many bytes
//   load KERNEL FOLDER THREADS          → names of the contestants, here one
//   time NAME CALLS                     → seconds a call
//   output NAME FILE                    → "ok"; FILE holds the result as npy
//   oracle FILE COUNT                   → "ok"; FILE holds the oracle's first COUNT images
// Anything that goes wrong answers "error", a tab, and why.
#include <chrono>
#include <iostream>
#include <memory>
#include <sstream>

#include "ceilings.hpp"
#include "kernels.hpp"

namespace {

using namespace quern::bench;

struct Server {
  Arrays inputs;
  Array output;
  Call call;
  std::unique_ptr<quern_context, void (*)(quern_context*)> context{nullptr, quern_context_destroy};

  void check(int32_t status) const {
    if (status != QUERN_OK) throw std::runtime_error(quern_last_error());
  }

  std::string load(std::istream& words) {
    std::string kernel, folder;
    quern_context_options options{};
    words >> kernel >> folder >> options.threads;
    inputs = read_folder(folder);
    call = call_of(kernel, inputs, output);
    quern_context* created = nullptr;
    check(quern_context_create(&options, &created));
    context.reset(created);
    return "quern from C++";
  }

  std::string time(std::istream& words) {
    int64_t calls = 1;
    words >> calls;
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < calls; i++) check(call(context.get()));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    return std::to_string(taken.count() * 1e9 / static_cast<double>(calls)) + "e-9";
  }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string request, text;
    std::getline(words, request, '\t');
    if (request == "ceilings") return ceilings(std::stoi(line.substr(line.find('\t') + 1)));
    if (request == "bandwidth") return bandwidth(words);
    if (request == "load") return load(words);
    std::getline(words, text, '\t');
    if (request == "time") return time(words);
    if (request == "output") {
      std::getline(words, text);
      check(call(context.get()));
      write_npy(text, output.data<float>(), output.bytes.size() / sizeof(float));
      return "ok";
    }
    if (request == "oracle") {
      int64_t count = 0;
      words >> count;
      const std::vector<float> expected = augmented_by_oracle(inputs, count);
      write_npy(text, expected.data(), expected.size());
      return "ok";
    }
    throw std::runtime_error("request is " + request);
  }
};

}  // namespace

int main() {
  Server server;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << server.answer(line) << std::endl;
    } catch (const std::exception& failure) {
      std::cout << "error\t" << failure.what() << std::endl;
    }
  }
}
