#include "client/item_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/support/test_deadline.h"

namespace portrait::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::EnrichItem Item(uint64_t tag, const std::string& contact = "+491511") {
  v1::EnrichItem item;
  item.set_tag(tag);
  item.set_contact(contact);
  return item;
}

v1::EnrichResult Answer(const v1::EnrichItem& sent) {
  v1::EnrichResult result;
  result.set_tag(sent.tag());
  result.mutable_profile_picture()->set_id(sent.contact());
  return result;
}

std::vector<uint64_t> TagsOf(const std::vector<v1::EnrichResult>& results) {
  std::vector<uint64_t> tags;
  for (const v1::EnrichResult& result : results) tags.push_back(result.tag());
  return tags;
}

class ItemWindowTest : public ::testing::Test {
 protected:
  v1::EnrichProfilePicturesRequest Send(ItemWindow& window, size_t most) {
    v1::EnrichProfilePicturesRequest request;
    window.FillRequest(most, &request);
    return request;
  }
};

TEST_F(ItemWindowTest, GivesTheCallersTagsBackEvenWhenTheyAreTheSame) {
  ItemWindow window({}, [] {});
  ASSERT_TRUE(window.Add(Item(7)));
  ASSERT_TRUE(window.Add(Item(7)));
  const auto request = Send(window, 10);
  ASSERT_EQ(request.items_size(), 2);
  EXPECT_NE(request.items(0).tag(), request.items(1).tag());
  EXPECT_TRUE(window.Settle(Answer(request.items(1))));
  EXPECT_TRUE(window.Settle(Answer(request.items(0))));
  EXPECT_THAT(TagsOf(window.TakeSettled()), ElementsAre(7, 7));
  EXPECT_TRUE(window.stats().empty);
}

TEST_F(ItemWindowTest, AcceptsOneResultForEachSentItemOnly) {
  ItemWindow window({}, [] {});
  window.Add(Item(1));
  window.Add(Item(2));
  const auto request = Send(window, 1);
  v1::EnrichItem unsent;
  unsent.set_tag(request.items(0).tag() + 1);
  EXPECT_FALSE(window.Settle(Answer(unsent)));
  EXPECT_TRUE(window.Settle(Answer(request.items(0))));
  EXPECT_FALSE(window.Settle(Answer(request.items(0))));
  EXPECT_THAT(TagsOf(window.TakeSettled()), ElementsAre(1));
  EXPECT_FALSE(window.Settle(Answer(request.items(0))));
}

TEST_F(ItemWindowTest, ResendsUnansweredItemsInOrder) {
  ItemWindow window({}, [] {});
  for (uint64_t tag = 1; tag <= 5; ++tag) {
    window.Add(Item(tag, absl::StrCat("+", tag)));
  }
  const auto request = Send(window, 4);
  window.Settle(Answer(request.items(1)));
  EXPECT_EQ(window.Rewind(), 3u);
  const auto again = Send(window, 10);
  std::vector<std::string> contacts;
  for (const auto& item : again.items()) contacts.push_back(item.contact());
  EXPECT_THAT(contacts, ElementsAre("+1", "+3", "+4", "+5"));
}

TEST_F(ItemWindowTest, HoldsResultsUntilTheyAreInOrder) {
  ItemWindow window({.ordered = true}, [] {});
  for (uint64_t tag = 1; tag <= 3; ++tag) window.Add(Item(tag));
  const auto request = Send(window, 3);
  window.Settle(Answer(request.items(1)));
  EXPECT_THAT(window.TakeSettled(), IsEmpty());
  window.Settle(Answer(request.items(0)));
  EXPECT_THAT(TagsOf(window.TakeSettled()), ElementsAre(1, 2));
}

TEST_F(ItemWindowTest, AnswersItemsThatCannotBeSent) {
  ItemWindow window({.ordered = true}, [] {});
  window.Add(Item(1, ""));
  window.Add(Item(2, " \t"));
  window.Add(Item(3, "\xFF\xFE"));
  window.Add(Item(4, std::string(kMaxContactBytes + 1, '1')));
  // The text is within the limit in characters, but not in bytes.
  std::string accents;
  while (accents.size() <= kMaxContactBytes) accents += "é";
  window.Add(Item(5, accents));
  EXPECT_EQ(Send(window, 10).items_size(), 0);
  const auto results = window.TakeSettled();
  EXPECT_THAT(TagsOf(results), ElementsAre(1, 2, 3, 4, 5));
  for (const auto& result : results) {
    EXPECT_EQ(result.error().reason(), v1::ERROR_REASON_INVALID_CONTACT);
    EXPECT_NE(result.error().message(), "");
  }
}

TEST_F(ItemWindowTest, SendsAContactOfTheGreatestLength) {
  ItemWindow window({.ordered = true}, [] {});
  const std::string longest(kMaxContactBytes, '1');
  window.Add(Item(1, longest));
  const auto request = Send(window, 10);
  ASSERT_EQ(request.items_size(), 1);
  EXPECT_EQ(request.items(0).contact(), longest);
}

// Adds from another thread and waits until that thread blocks.
void ExpectAddWaitsUntil(ItemWindow& window,
                         const std::function<void()>& make_room) {
  absl::Notification added;
  std::thread adder([&] {
    window.Add(Item(99));
    added.Notify();
  });
  EXPECT_FALSE(added.WaitForNotificationWithTimeout(absl::Milliseconds(50)));
  make_room();
  EXPECT_TRUE(added.WaitForNotificationWithTimeout(kTestDeadline));
  adder.join();
}

TEST_F(ItemWindowTest, BlocksTheSourceWhileTooManyItemsAreUnanswered) {
  ItemWindow window({.max_unanswered = 2}, [] {});
  window.Add(Item(1));
  window.Add(Item(2));
  const auto request = Send(window, 2);
  ExpectAddWaitsUntil(window, [&] { window.Settle(Answer(request.items(0))); });
}

TEST_F(ItemWindowTest, BlocksTheSourceWhileOneItemDelaysTheOthers) {
  ItemWindow window({.max_unanswered = 2, .max_held = 3, .ordered = true},
                    [] {});
  window.Add(Item(1));
  window.Add(Item(2));
  const auto request = Send(window, 2);
  window.Settle(Answer(request.items(1)));
  window.Add(Item(3));
  const auto third = Send(window, 1);
  window.Settle(Answer(third.items(0)));
  EXPECT_THAT(window.TakeSettled(), IsEmpty());
  ExpectAddWaitsUntil(window, [&] {
    window.Settle(Answer(request.items(0)));
    EXPECT_EQ(window.TakeSettled().size(), 3u);
  });
}

TEST_F(ItemWindowTest, ClosingUnblocksAWaitingSource) {
  ItemWindow window({.max_unanswered = 1}, [] {});
  window.Add(Item(1));
  ExpectAddWaitsUntil(window, [&] { window.Close(); });
  EXPECT_FALSE(window.Add(Item(2)));
}

}  // namespace
}  // namespace portrait::client
