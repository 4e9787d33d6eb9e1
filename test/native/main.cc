#include <cstring>

#include "check.h"

// Runs every case, or with an argument those whose name contains it. Closing line: "N passed, N failed".
int main(int argc, char** argv) {
  int passed = 0;
  int failed = 0;
  for (const auto& [name, body] : tandem::test::Cases()) {
    if (argc > 1 && std::strstr(name.c_str(), argv[1]) == nullptr) continue;
    try {
      body();
      ++passed;
    } catch (const std::exception& error) {
      ++failed;
      std::cout << "FAIL " << name << "\n  " << error.what() << "\n";
    }
  }
  std::cout << passed << " passed, " << failed << " failed" << std::endl;
  return failed == 0 ? 0 : 1;
}
