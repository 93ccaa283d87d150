// tests/images/with_s3.py runs it beside a real S3 server.
#include "core/image/s3_blobs.h"

#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/files.h"
#include "core/image/testing/scripted_cdn.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace portrait {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string NameOf(absl::string_view start) {
  return absl::StrCat(start, std::string(kBlobNameDigits - start.size(), '0'));
}

std::vector<std::string> NamesIn(BlobStore& blobs, absl::string_view after = "",
                                 size_t limit = 1000) {
  const auto listed = blobs.List(after, limit);
  EXPECT_TRUE(listed.ok()) << listed.status();
  return listed.value_or(std::vector<std::string>());
}

class S3BlobsTest : public testing::Test {
 protected:
  S3BlobsTest() {
    options_.bucket = "pictures";
    // Each test has a folder of the bucket.
    options_.prefix = absl::StrCat(
        testing::UnitTest::GetInstance()->current_test_info()->name(), "/");
    options_.endpoint = std::getenv("S3_ENDPOINT");
    options_.path_style = true;
    options_.credentials = &S3CredentialsOfEnvironment;
  }

  std::unique_ptr<BlobStore> Open() {
    auto blobs = OpenS3Blobs(options_);
    EXPECT_TRUE(blobs.ok()) << blobs.status();
    return *std::move(blobs);
  }

  S3Options options_;
};

TEST_F(S3BlobsTest, ReturnsWhatWasStoredUntilItIsDeleted) {
  const auto blobs = Open();
  const std::string name = NameOf("abcd");
  const std::string bytes("\0binary\xFF", 8);
  EXPECT_TRUE(absl::IsNotFound(blobs->Get(name).status()));
  EXPECT_EQ(blobs->Put(name, "first"), absl::OkStatus());
  EXPECT_EQ(blobs->Put(name, bytes), absl::OkStatus());
  EXPECT_EQ(*blobs->Get(name), bytes);
  EXPECT_TRUE(blobs->Delete(name).ok());
  EXPECT_TRUE(blobs->Delete(name).ok());
  EXPECT_TRUE(absl::IsNotFound(blobs->Get(name).status()));
}

TEST_F(S3BlobsTest, AnImageOfTheLargestSizeIsStored) {
  const auto blobs = Open();
  const std::string bytes(kMaxBlobBytes, 'x');
  EXPECT_EQ(blobs->Put(NameOf("ab"), bytes), absl::OkStatus());
  EXPECT_EQ(*blobs->Get(NameOf("ab")), bytes);
}

TEST_F(S3BlobsTest, ListsItsOwnFolderInPieces) {
  const auto blobs = Open();
  options_.prefix += "other/";
  const auto others = Open();
  EXPECT_EQ(others->Put(NameOf("5"), "other"), absl::OkStatus());
  for (const char* start : {"f", "00aa", "00ab", "01"}) {
    EXPECT_EQ(blobs->Put(NameOf(start), "x"), absl::OkStatus());
  }
  EXPECT_THAT(NamesIn(*blobs), ElementsAre(NameOf("00aa"), NameOf("00ab"),
                                           NameOf("01"), NameOf("f")));
  EXPECT_THAT(NamesIn(*blobs, NameOf("00aa"), 1), ElementsAre(NameOf("00ab")));
  EXPECT_THAT(NamesIn(*blobs, NameOf("f")), IsEmpty());
  EXPECT_THAT(NamesIn(*others), ElementsAre(NameOf("5")));
}

TEST_F(S3BlobsTest, EncryptionIsAsked) {
  options_.encryption = "AES256";
  EXPECT_EQ(Open()->Put(NameOf("ab"), "x"), absl::OkStatus());
  // The header, as a server sees it.
  std::string seen;
  ScriptedCdn server([&](const std::string& request, const auto& send) {
    if (absl::StartsWith(request, "PUT")) seen = request;
    return send(ScriptedCdn::Ok(""));
  });
  options_.endpoint = server.origin();
  options_.encryption = "aws:kms:some-key";
  EXPECT_EQ(Open()->Put(NameOf("ab"), ""), absl::OkStatus());
  EXPECT_THAT(seen, HasSubstr("x-amz-server-side-encryption: aws:kms\r\n"));
  EXPECT_THAT(seen, HasSubstr("kms-key-id: some-key"));
  EXPECT_THAT(seen, HasSubstr("kms-key-id;"));  // it is signed, too
}

TEST_F(S3BlobsTest, AWrongKeyIsRefused) {
  options_.credentials = [] {
    return S3Credentials{"AKIAWRONG", Secret(std::string("wrong")), {}};
  };
  const auto refused = OpenS3Blobs(options_);
  EXPECT_TRUE(absl::IsPermissionDenied(refused.status())) << refused.status();
}

TEST_F(S3BlobsTest, AMissingBucketIsTold) {
  options_.bucket = "no-such-bucket";
  const auto missing = OpenS3Blobs(options_);
  EXPECT_TRUE(absl::IsFailedPrecondition(missing.status())) << missing.status();
  EXPECT_THAT(missing.status().message(), HasSubstr("NoSuchBucket"));
}

TEST_F(S3BlobsTest, ABucketThatKeepsDeletedImagesIsRefused) {
  options_.bucket = "versioned";
  const auto refused = OpenS3Blobs(options_);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(refused.status().message(), HasSubstr("keeps old versions"));
}

class ScriptedS3Test : public S3BlobsTest {
 protected:
  // A bucket that answers the first `failures` requests of this method with
  // 503.
  ScriptedCdn::Script FailsFirst(const char* method, int failures) {
    return [this, method, failures](const std::string& request,
                                    const ScriptedCdn::Send& send) {
      if (absl::StartsWith(request, method) && ++asked_ <= failures) {
        return send(
            "HTTP/1.1 503 Slow Down\r\nContent-Length: 28\r\n\r\n"
            "<Code>SlowDown</Code>       ");
      }
      return send(ScriptedCdn::Ok(""));
    };
  }

  std::atomic<int> asked_ = 0;
};

TEST_F(ScriptedS3Test, AnOverloadedBucketIsAskedAgain) {
  ScriptedCdn server(FailsFirst("DELETE", 2));
  options_.endpoint = server.origin();
  EXPECT_TRUE(Open()->Delete(NameOf("ab")).ok());
  EXPECT_EQ(asked_, 3);
}

TEST_F(ScriptedS3Test, ABucketThatStaysOverloadedIsUnavailable) {
  ScriptedCdn server(FailsFirst("DELETE", 1000));
  options_.endpoint = server.origin();
  const absl::Status status = Open()->Delete(NameOf("ab"));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("503 SlowDown"));
  EXPECT_EQ(asked_, 3);
}

TEST_F(ScriptedS3Test, AnUnreachableBucketOpensAndIsUnavailable) {
  options_.endpoint = "http://127.0.0.1:1";
  const auto blobs = Open();
  EXPECT_TRUE(absl::IsUnavailable(blobs->Get(NameOf("ab")).status()));
}

TEST_F(ScriptedS3Test, AnEndlessAnswerEndsAtTheLimit) {
  ScriptedCdn server([](const std::string& request, const auto& send) {
    if (absl::StrContains(request, "?")) return send(ScriptedCdn::Ok(""));
    send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (send(absl::StrCat("10000\r\n", std::string(1 << 16, 'x'), "\r\n"))) {
    }
    return false;
  });
  options_.endpoint = server.origin();
  EXPECT_TRUE(absl::IsDataLoss(Open()->Get(NameOf("ab")).status()));
}

TEST_F(ScriptedS3Test, ARedirectToAnotherHostIsNotFollowed) {
  ScriptedCdn other([](const std::string&, const auto& send) {
    return send(ScriptedCdn::Ok("stolen"));
  });
  ScriptedCdn server([&](const std::string&, const auto& send) {
    return send(absl::StrCat("HTTP/1.1 307 Moved\r\nLocation: ", other.origin(),
                             "/x\r\nContent-Length: 0\r\n\r\n"));
  });
  options_.endpoint = server.origin();
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenS3Blobs(options_).status()));
  EXPECT_THAT(other.paths(), IsEmpty());
}

TEST_F(ScriptedS3Test, SessionTokensAndHostStyleAreSent) {
  std::string seen;
  ScriptedCdn server([&](const std::string& request, const auto& send) {
    seen = request;
    return send(ScriptedCdn::Ok(""));
  });
  options_.endpoint = absl::StrCat("http://localhost:", server.port());
  options_.path_style = false;
  options_.region = "eu-central-1";
  options_.credentials = [] {
    return S3Credentials{"AKIA", Secret(std::string("secret")),
                         Secret(std::string("session-token"))};
  };
  ASSERT_TRUE(Open()->Delete(NameOf("ab")).ok());
  EXPECT_THAT(seen, HasSubstr(absl::StrCat("DELETE /", options_.prefix)));
  EXPECT_THAT(seen, HasSubstr("Host: pictures.localhost:"));
  EXPECT_THAT(seen, HasSubstr("\r\nx-amz-security-token: session-token"));
  EXPECT_THAT(seen, HasSubstr("/eu-central-1/s3/aws4_request"));
  EXPECT_THAT(seen, HasSubstr(";x-amz-security-token"));  // it is signed
}

TEST(S3PlaceTest, ABucketAndAPrefixAreRead) {
  S3Options options;
  ASSERT_TRUE(ParseS3Place("s3://my-bucket", &options).ok());
  EXPECT_EQ(options.bucket, "my-bucket");
  EXPECT_EQ(options.prefix, "");
  for (const char* place :
       {"s3://b.c-1/some/folder", "s3://b.c-1/some/folder/"}) {
    ASSERT_TRUE(ParseS3Place(place, &options).ok());
    EXPECT_EQ(options.bucket, "b.c-1");
    EXPECT_EQ(options.prefix, "some/folder/");
  }
  for (const char* place :
       {"s3://", "s3://ab", "s3://Bucket", "s3://bucket/a b", "s3://bucket/..",
        "s3://bucket/a//b", "s3://bucket/%2e", "s3://evil.example:80/x",
        "http://bucket"}) {
    EXPECT_FALSE(ParseS3Place(place, &options).ok()) << place;
  }
}

TEST(S3CredentialsTest, AFileOfOthersOrWithoutKeysIsRefused) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/credentials";
  const std::string text =
      "[default]\naws_access_key_id = AKIA\naws_secret_access_key = a/b+c=\n"
      "aws_session_token=t\n[other]\naws_access_key_id = OTHER\n";
  ASSERT_TRUE(WriteFile(file, text, 0600).ok());
  const auto read = ReadS3Credentials(file);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->access_key, "AKIA");
  EXPECT_EQ(read->secret_key.view(), "a/b+c=");
  EXPECT_EQ(read->session_token.view(), "t");
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(ReadS3Credentials(file).status()));
  ASSERT_TRUE(WriteFile(file, "[default]\n", 0600).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(ReadS3Credentials(file).status()));
}

}  // namespace
}  // namespace portrait
