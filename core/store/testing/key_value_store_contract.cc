// What every KeyValueStore must do.
#include <string>
#include <utility>
#include <vector>

#include "core/store/testing/key_value_store_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Entries = std::vector<std::pair<std::string, std::string>>;

// A decorator of PictureStore alone runs only the suite of PictureStore.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KeyValueStoreTest);

TEST_P(KeyValueStoreTest, KeepsListsAndErasesValues) {
  KeyValueStore& values = *stores_.access;
  EXPECT_EQ(values.Get("a").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(values.Delete("a").ok());

  const std::string binary("\0\xFF\n", 3);
  ASSERT_TRUE(values.Put("t/b", binary).ok());
  ASSERT_TRUE(values.Put("t/a", "1").ok());
  ASSERT_TRUE(values.Put("u/a", "2").ok());
  ASSERT_TRUE(values.Put("t/a", "").ok());
  EXPECT_EQ(*values.Get("t/b"), binary);
  EXPECT_EQ(*values.Get("t/a"), "");
  EXPECT_THAT(*values.List("t/"),
              ElementsAre(Pair("t/a", ""), Pair("t/b", binary)));
  EXPECT_EQ(values.List("")->size(), 3u);
  EXPECT_THAT(*stores_.sessions->List(""), IsEmpty());

  ASSERT_TRUE(values.Delete("t/b").ok());
  EXPECT_THAT(*values.List("t/"), ElementsAre(Pair("t/a", "")));
}

TEST_P(KeyValueStoreTest, WritesManyValuesTogether) {
  KeyValueStore& values = *stores_.sessions;
  ASSERT_TRUE(values.PutAll(Entries()).ok());
  ASSERT_TRUE(values.PutAll(Entries{{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(values.PutAll(Entries{{"b", "3"}, {"c", ""}}).ok());
  EXPECT_THAT(*values.List(""),
              ElementsAre(Pair("a", "1"), Pair("b", "3"), Pair("c", "")));
  EXPECT_THAT(*stores_.access->List(""), IsEmpty());
  EXPECT_TRUE(values.Scrub().ok());
  EXPECT_EQ(*values.Get("b"), "3");
}

}  // namespace
}  // namespace portrait
