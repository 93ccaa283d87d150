#include "core/session/version_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/test_page.h"
#include "tests/support/test_proxy.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ClientRevisionTest, IsReadAnywhereInThePage) {
  const struct {
    const char* page;
    uint32_t revision;
  } kCases[] = {
      {R"({"client_revision":1045368834})", 1045368834},
      {R"(self.x="{\"client_revision\":1045368834,\"a\":1}")", 1045368834},
      {R"("client_revision" : 7})", 7},
      {R"("client_revision":"8")", 8},
      {R"(client_revision without, then "client_revision":9)", 9},
      {R"("client_revision":99999999999, "client_revision":10,)", 10},
      {R"("client_revision":4294967295)", 4294967295},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(*ParseClientRevision(c.page), c.revision) << c.page;
  }
}

TEST(ClientRevisionTest, IsNotGuessed) {
  for (const char* page :
       {"", "client_revision", R"("client_revision":)",
        R"("client_revision":null)", R"("client_revision":-1)",
        R"("client_revision":4294967296)", R"("revision":12)",
        "\"client_revision\":                        12"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseClientRevision(page).status()))
        << page;
  }
}

class VersionPageTest : public ::testing::Test {
 protected:
  VersionPageTest() { options_.url = page_.url(); }

  absl::StatusOr<uint32_t> Fetch() {
    return FetchClientRevision(options_, stopping_);
  }

  TestPage page_;
  VersionPageOptions options_;
  std::atomic<bool> stopping_ = false;
};

TEST_F(VersionPageTest, IsFetchedAsABrowserDoes) {
  page_.SetBody(R"({"client_revision":12})");
  EXPECT_EQ(*Fetch(), 12);
  EXPECT_THAT(page_.last_request(), HasSubstr("GET /sw.js HTTP/1.1\r\n"));
  EXPECT_THAT(page_.last_request(), HasSubstr("sec-fetch-site: none\r\n"));
  EXPECT_THAT(page_.last_request(), HasSubstr("User-Agent: Mozilla/5.0"));
}

TEST_F(VersionPageTest, IsFetchedThroughTheProxy) {
  page_.SetBody(R"({"client_revision":12})");
  TestProxy proxy({.kind = whatsapp::Proxy::Kind::kSocks5,
                   .user = "ann",
                   .password = "secret"});
  options_.proxy = whatsapp::ParseProxy(proxy.Url("ann:secret")).value();
  options_.url.replace(options_.url.find("127.0.0.1"), 9, "whatsapp.invalid");
  const absl::StatusOr<uint32_t> revision = Fetch();
  EXPECT_TRUE(revision.ok()) << revision.status();
  EXPECT_THAT(proxy.targets(), ElementsAre(HasSubstr("whatsapp.invalid:")));
}

TEST_F(VersionPageTest, EachWayToFailIsAnError) {
  using Code = absl::StatusCode;
  const struct {
    std::string answer;
    Code code;
    const char* why;
  } kCases[] = {
      {"HTTP/1.1 404 Not Found\r\n\r\n", Code::kUnavailable, "HTTP 404"},
      {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
       Code::kUnavailable, "HTTP 302"},
      {"HTTP/1.1 200 OK\r\n\r\nnothing", Code::kInvalidArgument,
       "no numeric client_revision"},
      {"SSH-2.0-OpenSSH\r\n\r\n", Code::kUnavailable, "sw.js: "},
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\"client_revision\":1",
       Code::kUnavailable, "sw.js: "},
      {absl::StrCat("HTTP/1.1 200 OK\r\n\r\n", std::string(3000, 'x')),
       Code::kResourceExhausted, "more than 2000 bytes"},
  };
  options_.max_bytes = 2000;
  for (const auto& c : kCases) {
    page_.SetAnswer(c.answer);
    const absl::Status status = Fetch().status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_THAT(status.message(), HasSubstr(c.why));
  }
  options_.url = "http://127.0.0.1:1/sw.js";
  EXPECT_TRUE(absl::IsUnavailable(Fetch().status()));
  options_.url = "file:///etc/hostname";
  EXPECT_TRUE(absl::IsUnavailable(Fetch().status()));
}

TEST_F(VersionPageTest, APageThatInflatesBeyondTheLimitIsRefused) {
  const std::string zeros(64 * 1024 * 1024, '\0');
  uLongf size = compressBound(zeros.size());
  std::string deflated(size, '\0');
  ASSERT_EQ(Z_OK, compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
                           reinterpret_cast<const Bytef*>(zeros.data()),
                           zeros.size()));
  deflated.resize(size);
  page_.SetAnswer(absl::StrCat("HTTP/1.1 200 OK\r\nContent-Encoding: deflate",
                               "\r\nContent-Length: ", size, "\r\n\r\n",
                               deflated));
  EXPECT_TRUE(absl::IsResourceExhausted(Fetch().status()));
}

TEST_F(VersionPageTest, GivesUpOnASilentServer) {
  options_.timeout = absl::Milliseconds(100);
  EXPECT_TRUE(absl::IsUnavailable(Fetch().status()));
}

TEST_F(VersionPageTest, EndsWhenItsOwnerDoes) {
  options_.timeout = absl::Hours(1);
  std::thread owner([this] {
    while (page_.requests() == 0) absl::SleepFor(absl::Milliseconds(1));
    stopping_ = true;
  });
  EXPECT_TRUE(absl::IsCancelled(Fetch().status()));
  owner.join();
}

}  // namespace
}  // namespace portrait
