#include "server/enrich_ledger.h"

#include <vector>

#include "gtest/gtest.h"

namespace portrait {
namespace {

using End = EnrichLedger::End;

std::vector<LookupItem> Items(size_t count) {
  std::vector<LookupItem> items(count);
  for (size_t i = 0; i < count; ++i) items[i].tag = i;
  return items;
}

// A ledger that has received `count` items and asked about them.
EnrichLedger Asked(size_t count, size_t window = 10) {
  EnrichLedger ledger(window);
  ledger.StartRead();
  ledger.Read(Items(count));
  ledger.TakeWaiting();
  return ledger;
}

TEST(EnrichLedgerTest, ReadsOneMessageAtATime) {
  EnrichLedger ledger(/*window=*/10);
  EXPECT_TRUE(ledger.MayRead());
  ledger.StartRead();
  EXPECT_FALSE(ledger.MayRead());
  ledger.Read({});
  EXPECT_TRUE(ledger.MayRead());
}

TEST(EnrichLedgerTest, ReadsNothingWhileItemsWaitForTheRate) {
  EnrichLedger ledger(/*window=*/10);
  ledger.StartRead();
  ledger.Read(Items(3));
  EXPECT_FALSE(ledger.MayRead());
  std::vector<LookupItem> taken = ledger.TakeWaiting();
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_TRUE(ledger.MayRead());
  ledger.PutBack({taken.back()});
  EXPECT_FALSE(ledger.MayRead());
  EXPECT_EQ(ledger.owed(), 3u);
  EXPECT_EQ(ledger.TakeWaiting().front().tag, 2u);
}

TEST(EnrichLedgerTest, HoldsNoMoreThanItsWindowUntilResultsAreSent) {
  EnrichLedger ledger = Asked(4, /*window=*/4);
  EXPECT_FALSE(ledger.MayRead());
  ledger.Answered(4, 0);
  EXPECT_FALSE(ledger.MayRead());
  ledger.Leave(4);
  EXPECT_FALSE(ledger.MayRead()) << "the message is still under way";
  ledger.Left();
  EXPECT_TRUE(ledger.MayRead());
}

TEST(EnrichLedgerTest, IsDoneWhenTheCallerIsAndEveryItemHasItsResult) {
  EnrichLedger ledger = Asked(2);
  ledger.HalfClose();
  EXPECT_EQ(ledger.end(), End::kNotYet);
  ledger.Answered(2, 0);
  EXPECT_EQ(ledger.end(), End::kNotYet);
  ledger.Leave(2);
  EXPECT_EQ(ledger.end(), End::kDone);
}

TEST(EnrichLedgerTest, AShutdownAbandonsWaitingItemsAndAnswersRequestedOnes) {
  EnrichLedger ledger = Asked(2);
  ledger.StartRead();
  ledger.Read(Items(3));
  ledger.Shutdown();
  EXPECT_EQ(ledger.owed(), 2u);
  EXPECT_EQ(ledger.end(), End::kNotYet);
  ledger.Answered(2, 0);
  ledger.Leave(2);
  EXPECT_EQ(ledger.end(), End::kShutdown);
}

TEST(EnrichLedgerTest, ItemsPutBackDuringAShutdownAreAbandoned) {
  EnrichLedger ledger(/*window=*/10);
  ledger.StartRead();
  ledger.Read(Items(3));
  std::vector<LookupItem> taken = ledger.TakeWaiting();
  ledger.HalfClose();
  ledger.Shutdown();
  ledger.PutBack(std::move(taken));
  EXPECT_EQ(ledger.owed(), 0u);
  EXPECT_EQ(ledger.end(), End::kShutdown);
}

TEST(EnrichLedgerTest, ItemsThatArriveDuringAShutdownWereNotReceived) {
  EnrichLedger ledger(/*window=*/10);
  ledger.StartRead();
  ledger.Shutdown();
  EXPECT_FALSE(ledger.Read(Items(3)));
  EXPECT_EQ(ledger.owed(), 0u);
  EXPECT_EQ(ledger.end(), End::kShutdown);
}

TEST(EnrichLedgerTest, AStreamWhoseItemsTheServerGivesUpIsNotDone) {
  EnrichLedger ledger = Asked(2);
  ledger.HalfClose();
  ledger.Answered(1, /*abandoned=*/1);
  ledger.Leave(1);
  EXPECT_EQ(ledger.end(), End::kShutdown);
}

}  // namespace
}  // namespace portrait
