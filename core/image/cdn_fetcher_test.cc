#include "core/image/cdn_fetcher.h"

#include <atomic>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "core/image/testing/scripted_cdn.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_deadline.h"

namespace portrait {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kJpeg = absl::StrCat("\xFF\xD8\xFF\xE0", "a small picture");
constexpr char kChunked[] =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// A CDN that answers every request with these bytes and closes.
ScriptedCdn::Script Says(std::string answer) {
  return [answer = std::move(answer)](const std::string&,
                                      const ScriptedCdn::Send& send) {
    send(answer);
    return false;
  };
}

class CdnFetcherTest : public testing::Test {
 protected:
  FetchResult FetchFrom(ScriptedCdn& cdn, Secret proxy = {}) {
    options_.extra_origin = cdn.origin();
    return Fetch(cdn.origin() + "/v/x.jpg", std::move(proxy));
  }

  FetchResult Fetch(const std::string& url, Secret proxy = {}) {
    CdnFetcher fetcher(options_);
    FetchResult result;
    absl::Notification done;
    fetcher.Fetch({url, std::move(proxy), false, [&](FetchResult fetched) {
                     result = std::move(fetched);
                     done.Notify();
                   }});
    EXPECT_TRUE(done.WaitForNotificationWithTimeout(kTestDeadline));
    return result;
  }

  FetchOutcome OutcomeOfAnswer(const std::string& answer) {
    ScriptedCdn cdn(Says(answer));
    return FetchFrom(cdn).outcome;
  }

  CdnFetcherOptions options_;
};

TEST_F(CdnFetcherTest, AnImageIsFetchedAsItIs) {
  ScriptedCdn cdn(Says(ScriptedCdn::Ok(kJpeg)));
  const FetchResult result = FetchFrom(cdn);
  EXPECT_EQ(result.outcome, FetchOutcome::kFetched);
  EXPECT_EQ(result.image, kJpeg);
  EXPECT_THAT(cdn.paths(), ElementsAre("/v/x.jpg"));
}

TEST_F(CdnFetcherTest, AUrlThatHasExpiredIsDead) {
  for (const char* status : {"403 Forbidden", "404 Not Found", "410 Gone"}) {
    EXPECT_EQ(
        OutcomeOfAnswer(absl::StrCat(
            "HTTP/1.1 ", status,
            "\r\nContent-Length: 28\r\n\r\nURL signature expired, sorry")),
        FetchOutcome::kDead)
        << status;
  }
}

TEST_F(CdnFetcherTest, ARedirectIsNotFollowed) {
  ScriptedCdn other(Says(ScriptedCdn::Ok(kJpeg)));
  for (const std::string& target :
       {std::string("http://169.254.169.254/latest/meta-data/"),
        other.origin() + "/x", std::string("file:///etc/passwd")}) {
    EXPECT_EQ(
        OutcomeOfAnswer(absl::StrCat("HTTP/1.1 302 Found\r\nLocation: ", target,
                                     "\r\nContent-Length: 0\r\n\r\n")),
        FetchOutcome::kStatus)
        << target;
  }
  EXPECT_THAT(other.paths(), IsEmpty());
}

TEST_F(CdnFetcherTest, ABodyThatIsNoImageIsNotKept) {
  for (const char* body :
       {"<html><body>not a picture at all</body></html>", "", "x",
        "GIF89a..............", "\xFF\xD8", "RIFF", "RIFFxxx", "RIFFxxxxWEB"}) {
    const FetchOutcome outcome = OutcomeOfAnswer(absl::StrCat(
        "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: ",
        std::string(body).size(), "\r\n\r\n", body));
    EXPECT_EQ(outcome, FetchOutcome::kNoImage) << body;
  }
}

TEST_F(CdnFetcherTest, AnImageThatIsAnnouncedAsTooLargeIsNotRead) {
  EXPECT_EQ(OutcomeOfAnswer(absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ",
                                         6 << 20, "\r\n\r\n", kJpeg)),
            FetchOutcome::kTooLarge);
}

TEST_F(CdnFetcherTest, EndlessChunksEndAtTheLimit) {
  std::atomic<size_t> sent = 0;
  ScriptedCdn cdn([&](const std::string&, const ScriptedCdn::Send& send) {
    send(kChunked);
    std::string piece(1 << 16, 'x');
    piece.replace(0, kJpeg.size(), kJpeg);
    while (send(absl::StrCat(absl::Hex(piece.size()), "\r\n", piece, "\r\n"))) {
      sent += piece.size();
    }
    return false;
  });
  EXPECT_EQ(FetchFrom(cdn).outcome, FetchOutcome::kTooLarge);
  EXPECT_LT(sent, 4 * kMaxImageBytes);
}

TEST_F(CdnFetcherTest, EndlessHeadersEndAtTheLimit) {
  ScriptedCdn cdn([&](const std::string&, const ScriptedCdn::Send& send) {
    send("HTTP/1.1 200 OK\r\n");
    while (send(absl::StrCat("X: ", std::string(1000, 'y'), "\r\n"))) {
    }
    return false;
  });
  EXPECT_EQ(FetchFrom(cdn).outcome, FetchOutcome::kNetwork);
}

TEST_F(CdnFetcherTest, ASlowAnswerIsEnded) {
  options_.slow_time = absl::Seconds(1);
  absl::Notification over;
  ScriptedCdn cdn([&](const std::string&, const ScriptedCdn::Send& send) {
    send(absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
                      kJpeg));
    while (!over.WaitForNotificationWithTimeout(absl::Milliseconds(100)) &&
           send("x")) {
    }
    return false;
  });
  EXPECT_EQ(FetchFrom(cdn).outcome, FetchOutcome::kTimeout);
  over.Notify();
}

TEST_F(CdnFetcherTest, AServerThatNeverAnswersIsGivenUp) {
  options_.timeout = absl::Milliseconds(300);
  absl::Notification over;
  ScriptedCdn cdn([&](const std::string&, const ScriptedCdn::Send&) {
    over.WaitForNotification();
    return false;
  });
  EXPECT_EQ(FetchFrom(cdn).outcome, FetchOutcome::kTimeout);
  over.Notify();
}

TEST_F(CdnFetcherTest, AnAnswerThatEndsEarlyIsNoImage) {
  EXPECT_EQ(OutcomeOfAnswer(absl::StrCat(
                "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", kJpeg)),
            FetchOutcome::kNetwork);
}

TEST_F(CdnFetcherTest, OtherHostsAreRefusedWithoutAConnection) {
  ScriptedCdn cdn(Says(ScriptedCdn::Ok(kJpeg)));
  EXPECT_EQ(Fetch(cdn.origin() + "/x").outcome, FetchOutcome::kRefused);
  EXPECT_EQ(Fetch("https://example.com/x").outcome, FetchOutcome::kRefused);
  EXPECT_THAT(cdn.paths(), IsEmpty());
}

// Fetches `images` images at once and waits for all of them.
class CdnFetcherLoadTest : public CdnFetcherTest {
 protected:
  // The results in the order in which they came.
  std::vector<FetchOutcome> FetchMany(ScriptedCdn& cdn, int images) {
    options_.extra_origin = cdn.origin();
    absl::Mutex mu;
    std::vector<FetchOutcome> outcomes;
    absl::BlockingCounter left(images);
    CdnFetcher fetcher(options_);
    for (int i = 0; i < images; ++i) {
      fetcher.Fetch({absl::StrCat(cdn.origin(), "/", i),
                     {},
                     i % 2 == 1,
                     [&](FetchResult fetched) {
                       absl::MutexLock lock(&mu);
                       outcomes.push_back(fetched.outcome);
                       left.DecrementCount();
                     }});
    }
    left.Wait();
    return outcomes;
  }
};

// Counts how many requests are answered at the same time.
class CountingCdn {
 public:
  ScriptedCdn::Script Script() {
    return [this](const std::string&, const ScriptedCdn::Send& send) {
      const int now = ++at_once_;
      int most = most_;
      while (now > most && !most_.compare_exchange_weak(most, now)) {
      }
      absl::SleepFor(absl::Milliseconds(5));  // as a network would
      --at_once_;
      return send(ScriptedCdn::Ok(kJpeg));
    };
  }
  int most() const { return most_; }

 private:
  std::atomic<int> at_once_ = 0, most_ = 0;
};

TEST_F(CdnFetcherLoadTest, NoMoreTransfersRunThanThereAreConnections) {
  options_.connections = 3;
  options_.host_per_second = 0;
  CountingCdn counting;
  ScriptedCdn cdn(counting.Script());
  const auto outcomes = FetchMany(cdn, 60);
  EXPECT_THAT(outcomes, testing::Each(FetchOutcome::kFetched));
  EXPECT_LE(counting.most(), 3);
}

TEST_F(CdnFetcherLoadTest, AHostIsAskedAtItsPace) {
  options_.host_per_second = 20;
  ScriptedCdn cdn([](const std::string&, const ScriptedCdn::Send& send) {
    return send(ScriptedCdn::Ok(kJpeg));
  });
  const absl::Time start = absl::Now();
  FetchMany(cdn, 40);
  // A burst of a second goes at once; 20 more take a second.
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(900));
}

TEST_F(CdnFetcherLoadTest, RequestsBeyondTheQueueFailAtOnce) {
  options_.connections = 1;
  options_.max_waiting = 5;
  absl::Notification over;
  ScriptedCdn cdn([&](const std::string&, const ScriptedCdn::Send& send) {
    over.WaitForNotification();
    return send(ScriptedCdn::Ok(kJpeg));
  });
  options_.extra_origin = cdn.origin();
  std::atomic<int> busy = 0;
  absl::BlockingCounter left(20);
  CdnFetcher fetcher(options_);
  for (int i = 0; i < 20; ++i) {
    fetcher.Fetch({cdn.origin() + "/x", {}, false, [&](FetchResult fetched) {
                     busy += fetched.outcome == FetchOutcome::kBusy;
                     left.DecrementCount();
                   }});
  }
  over.Notify();
  left.Wait();
  EXPECT_GE(busy, 14);
}

TEST_F(CdnFetcherLoadTest, ImagesInHandHoldBackFurtherTransfers) {
  options_.max_in_hand = 2;
  ScriptedCdn cdn([](const std::string&, const ScriptedCdn::Send& send) {
    return send(ScriptedCdn::Ok(kJpeg));
  });
  options_.extra_origin = cdn.origin();
  absl::Mutex mu;
  std::vector<FetchResult> held;
  absl::BlockingCounter first(2), all(4);
  CdnFetcher fetcher(options_);
  for (int i = 0; i < 4; ++i) {
    fetcher.Fetch({cdn.origin() + "/x", {}, false, [&](FetchResult fetched) {
                     absl::MutexLock lock(&mu);
                     held.push_back(std::move(fetched));
                     if (held.size() <= 2) first.DecrementCount();
                     all.DecrementCount();
                   }});
  }
  first.Wait();
  EXPECT_EQ(fetcher.waiting(), 2u);
  {
    absl::MutexLock lock(&mu);
    for (FetchResult& result : held) result.slot = nullptr;
  }
  all.Wait();
  EXPECT_EQ(fetcher.waiting(), 0u);
}

TEST_F(CdnFetcherLoadTest, DestroyingTheFetcherEndsWhatRuns) {
  absl::Notification over;
  ScriptedCdn cdn([&](const std::string&, const ScriptedCdn::Send&) {
    over.WaitForNotification();
    return false;
  });
  options_.extra_origin = cdn.origin();
  options_.connections = 1;
  std::atomic<int> stopped = 0;
  {
    CdnFetcher fetcher(options_);
    for (int i = 0; i < 3; ++i) {
      fetcher.Fetch({cdn.origin() + "/x", {}, false, [&](FetchResult fetched) {
                       stopped += fetched.outcome == FetchOutcome::kStopped;
                     }});
    }
  }
  EXPECT_EQ(stopped, 3);
  over.Notify();
}

}  // namespace
}  // namespace portrait
