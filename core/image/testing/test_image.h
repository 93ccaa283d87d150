// The images of the test data.
#ifndef PORTRAIT_CORE_IMAGE_TESTING_TEST_IMAGE_H_
#define PORTRAIT_CORE_IMAGE_TESTING_TEST_IMAGE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/files.h"

namespace portrait {

// The bytes of a file such as "photo0.jpg". Fails the test if it is missing.
inline std::string TestImage(const std::string& name) {
  const absl::StatusOr<std::string> bytes = ReadFile(
      absl::StrCat(std::getenv("PORTRAIT_TEST_DATA"), "/images/", name));
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_TESTING_TEST_IMAGE_H_
