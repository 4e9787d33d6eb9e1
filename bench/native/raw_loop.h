#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

// What the programs here share: arguments as --name=value, and the measured loop.

namespace tandem::bench {

using Arguments = std::map<std::string, std::vector<std::string>>;

inline Arguments ReadArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const std::size_t equals = text.find('=');
    if (text.rfind("--", 0) != 0 || equals == std::string::npos) throw std::runtime_error("unexpected " + text);
    arguments[text.substr(2, equals - 2)].push_back(text.substr(equals + 1));
  }
  return arguments;
}

inline std::string One(const Arguments& arguments, const std::string& name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) throw std::runtime_error("--" + name + " is missing");
  return found->second.front();
}

// The bytes that `hex` spells.
inline std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// `run` with the program's arguments; an exception ends it with its message.
inline int Main(int argc, char** argv, void (*run)(const Arguments& arguments)) {
  try {
    run(ReadArguments(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}

// Calls `call` for `seconds` after a warm-up and prints {"calls", "seconds", "median_us"} as JSON.
template <typename Call>
void Measure(double seconds, Call call) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const auto warm_up = Clock::now();
  for (int i = 0; i < 5 || since(warm_up) < 0.2; ++i) call();
  std::vector<double> micros;
  const auto start = Clock::now();
  auto last = start;
  while (since(start) < seconds) {
    call();
    const auto now = Clock::now();
    micros.push_back(std::chrono::duration<double, std::micro>(now - last).count());
    last = now;
  }
  const double total = since(start);
  std::nth_element(micros.begin(), micros.begin() + static_cast<std::ptrdiff_t>(micros.size() / 2), micros.end());
  std::cout << "{\"calls\":" << micros.size() << ",\"seconds\":" << total
            << ",\"median_us\":" << micros[micros.size() / 2] << "}" << std::endl;
}

}  // namespace tandem::bench
