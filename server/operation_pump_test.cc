#include "server/operation_pump.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

TEST(OperationPumpTest, PerformsOneOperationAtATimeForManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kPerThread = 20000;
  OperationPump pump;
  std::atomic<int> wanted = 0;
  std::atomic<int> inside = 0;
  int done = 0;  // needs no lock: one operation runs at a time
  std::atomic<bool> overlapped = false;
  const auto next = [&]() -> OperationPump::Operation {
    if (wanted.load() == done) return nullptr;
    return [&] {
      if (inside.fetch_add(1) != 0) overlapped = true;
      ++done;
      inside.fetch_sub(1);
    };
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kPerThread; ++i) {
        wanted.fetch_add(1);
        pump.Run(next);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, kThreads * kPerThread);
  EXPECT_FALSE(overlapped);
}

TEST(OperationPumpTest, AnOperationMayAskForMore) {
  OperationPump pump;
  int left = 3;
  int done = 0;
  std::function<OperationPump::Operation()> next =
      [&]() -> OperationPump::Operation {
    if (left == 0) return nullptr;
    return [&] {
      --left;
      ++done;
      pump.Run(next);  // must return at once
    };
  };
  pump.Run(next);
  EXPECT_EQ(done, 3);
}

}  // namespace
}  // namespace portrait
