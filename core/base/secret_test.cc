#include "core/base/secret.h"

#include <new>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace portrait {
namespace {

// The first text is on the heap, as keys are; the second fits into the string
// object.
const std::string kTexts[] = {std::string(32, 'k'), "short"};

// Storage for an object, which the test inspects after the object's
// destruction.
class Remains {
 public:
  template <typename... Args>
  Secret* Make(Args&&... args) {
    return new (memory_) Secret(std::forward<Args>(args)...);
  }
  bool Contain(const std::string& text) const {
    return std::string(memory_, sizeof(Secret)).find(text) != std::string::npos;
  }

 private:
  alignas(Secret) char bytes_[sizeof(Secret)] = {};
  // Volatile, so that the compiler cannot assume that these bytes are never
  // read.
  char* volatile memory_ = bytes_;
};

TEST(SecretTest, ReadsAsItsBytes) {
  for (const std::string& text : kTexts) {
    const Secret secret{absl::string_view(text)};
    EXPECT_EQ(secret.view(), text);
    EXPECT_EQ(secret.size(), text.size());
    const Secret copy = secret;
    EXPECT_EQ(copy.view(), text);
    EXPECT_EQ(copy, secret);
    EXPECT_EQ(copy, text);
    EXPECT_NE(copy, text + "x");
    EXPECT_NE(copy, Secret(absl::string_view("other")));
  }
  EXPECT_TRUE(Secret().empty());
}

TEST(SecretTest, AMoveErasesTheSource) {
  for (const std::string& text : kTexts) {
    Remains remains;
    Secret* const from = remains.Make(absl::string_view(text));
    const Secret to = std::move(*from);
    EXPECT_EQ(to.view(), text);
    EXPECT_TRUE(from->empty());
    EXPECT_FALSE(remains.Contain(text));
    from->~Secret();

    std::string bytes = text;
    const Secret taken = std::move(bytes);
    EXPECT_EQ(taken.view(), text);
    EXPECT_EQ(std::string(bytes.data(), bytes.capacity()).find(text),
              std::string::npos);
  }
}

// Freed heap memory must not be read, so this test inspects a secret that is
// stored within the object.
TEST(SecretTest, DestructionAndAssignmentEraseTheBytes) {
  Remains remains;
  Secret* secret = remains.Make(absl::string_view("short"));
  secret->~Secret();
  EXPECT_FALSE(remains.Contain("short"));

  secret = remains.Make(absl::string_view("first"));
  *secret = Secret(absl::string_view("no"));
  EXPECT_EQ(secret->view(), "no");
  EXPECT_FALSE(remains.Contain("rst"));
  secret->~Secret();
}

// A heap block that another string took over can still be inspected.
TEST(SecretTest, OverwritesTheHeapToo) {
  std::string bytes = kTexts[0];
  const char* const heap = bytes.data();
  Secret secret = std::move(bytes);
  ASSERT_EQ(secret.data(), heap);
  Secret moved;
  moved = std::move(secret);
  ASSERT_EQ(moved.data(), heap) << "its memory changes hands";
  EXPECT_EQ(moved.view(), kTexts[0]);
  EXPECT_TRUE(secret.empty());
}

}  // namespace
}  // namespace portrait
