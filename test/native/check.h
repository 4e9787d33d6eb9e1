#pragma once

#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.h"

// A test framework of one page: TEST("what holds") { CHECK(...); }. It keeps the native tests free of dependencies, so
// that they build with a sanitizer from sources we have.

namespace tandem::test {

struct Case {
  std::string name;
  std::function<void()> body;
};

inline std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

struct Registration {
  Registration(std::string name, std::function<void()> body) { Cases().push_back({std::move(name), std::move(body)}); }
};

struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void Fail(const char* file, int line, const std::string& what) {
  throw Failed(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

template <typename Body>
Failure FailureOf(Body body) {
  try {
    body();
  } catch (...) {
    return CurrentFailure("unexpected");
  }
  return {};
}

}  // namespace tandem::test

#define TANDEM_JOIN2(a, b) a##b
#define TANDEM_JOIN(a, b) TANDEM_JOIN2(a, b)
#define TEST(name)                                                                                                \
  static void TANDEM_JOIN(TestBody, __LINE__)();                                                                  \
  static const ::tandem::test::Registration TANDEM_JOIN(registration, __LINE__)(name,                             \
                                                                                TANDEM_JOIN(TestBody, __LINE__)); \
  static void TANDEM_JOIN(TestBody, __LINE__)()
#undef CHECK  // libtorch has one too: its headers come before this one
#define CHECK(condition) \
  if (!(condition)) ::tandem::test::Fail(__FILE__, __LINE__, "expected " #condition)
// The code that the expression's failure has; Code::kOk if it throws nothing.
#define CODE_OF(expression) ::tandem::test::FailureOf([&] { static_cast<void>(expression); }).code
