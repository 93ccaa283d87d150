// Tests how requests are read from bytes, whatever arrives.
#include "server/http/request_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/response_writer.h"

namespace portrait::http {
namespace {

using ::testing::HasSubstr;

constexpr size_t kMaxHeaderBytes = 16 << 10;
constexpr char kGet[] = "GET /v1/sessions?a=b HTTP/1.1\r\nHost: x\r\n\r\n";

// Reads the header of `bytes`, which must be complete; returns the HTTP status
// of its refusal, or 0.
int StatusOfReading(const std::string& bytes) {
  RequestReader reader(kMaxHeaderBytes);
  reader.Append(bytes);
  Request request;
  const absl::StatusOr<bool> complete = reader.ReadHeader(&request);
  return complete.ok() ? 0 : reader.error_status();
}

// Reads a whole body of a request that begins with `head`.
absl::StatusOr<std::string> BodyOf(const std::string& bytes) {
  RequestReader reader(kMaxHeaderBytes);
  reader.Append(bytes);
  Request request;
  EXPECT_TRUE(*reader.ReadHeader(&request));
  std::string body;
  while (!reader.is_complete()) {
    absl::StatusOr<std::string> piece = reader.ReadBody();
    if (!piece.ok()) return piece;
    if (piece->empty() && !reader.is_complete()) {
      return absl::UnavailableError("incomplete");
    }
    body += *piece;
  }
  return body;
}

TEST(RequestReaderTest, ARequestMayArriveInPiecesOfAnySize) {
  const std::string bytes = kGet;
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    SCOPED_TRACE(cut);
    RequestReader reader(kMaxHeaderBytes);
    Request request;
    reader.Append(bytes.substr(0, cut));
    EXPECT_FALSE(*reader.ReadHeader(&request));
    reader.Append(bytes.substr(cut));
    ASSERT_TRUE(*reader.ReadHeader(&request));
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/v1/sessions");
    EXPECT_EQ(request.query, "a=b");
    EXPECT_EQ(request.Header("host"), "x");
    EXPECT_TRUE(reader.is_complete());
    EXPECT_TRUE(reader.keeps_alive());
  }
}

TEST(RequestReaderTest, AFieldOfTwoLinesIsRefusedWhereverItIsCut) {
  for (const char* const field :
       {"A: b\r\n c\r\n", "Transfer-Encoding:\r\n chunked\r\n",
        "Content-Length: 1\r\n\t0\r\n", " A: b\r\n"}) {
    const std::string bytes =
        absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\n", field, "\r\n");
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
      SCOPED_TRACE(absl::StrCat(field, " cut at ", cut));
      RequestReader reader(kMaxHeaderBytes);
      Request request;
      reader.Append(bytes.substr(0, cut));
      absl::StatusOr<bool> complete = reader.ReadHeader(&request);
      if (complete.ok()) {
        EXPECT_FALSE(*complete);
        reader.Append(bytes.substr(cut));
        complete = reader.ReadHeader(&request);
      }
      EXPECT_FALSE(complete.ok());
      EXPECT_EQ(reader.error_status(), 400);
    }
  }
}

TEST(RequestReaderTest, ABodyMayBeginWithASpace) {
  EXPECT_EQ(*BodyOf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
                    "\n \n\t"),
            "\n \n\t");
}

TEST(RequestReaderTest, PipelinedRequestsAreReadOneAfterTheOther) {
  RequestReader reader(kMaxHeaderBytes);
  reader.Append(absl::StrCat(
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", kGet));
  Request request;
  ASSERT_TRUE(*reader.ReadHeader(&request));
  EXPECT_EQ(*reader.ReadBody(), "abc");
  EXPECT_TRUE(reader.is_complete());
  reader.Next();
  ASSERT_TRUE(*reader.ReadHeader(&request));
  EXPECT_EQ(request.method, "GET");
  EXPECT_TRUE(reader.is_empty());
}

TEST(RequestReaderTest, AChunkedBodyIsPutTogether) {
  EXPECT_EQ(*BodyOf("POST /a HTTP/1.1\r\nHost: x\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            "abc0123456789");
}

TEST(RequestReaderTest, AChunkedBodyWithATrailerMayArriveByteByByte) {
  for (const std::string content : {"", "abc"}) {
    SCOPED_TRACE(content);
    RequestReader reader(kMaxHeaderBytes);
    Request request;
    reader.Append(
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    ASSERT_TRUE(*reader.ReadHeader(&request));
    const std::string chunk = content.empty() ? "" : "3\r\nabc\r\n";
    std::string body;
    for (const char byte : absl::StrCat(chunk, "0\r\nA: b\r\n\r\n")) {
      EXPECT_FALSE(reader.is_complete());
      reader.Append(absl::string_view(&byte, 1));
      const absl::StatusOr<std::string> piece = reader.ReadBody();
      ASSERT_TRUE(piece.ok()) << piece.status();
      body += *piece;
    }
    EXPECT_TRUE(reader.is_complete());
    EXPECT_EQ(body, content);
  }
}

TEST(RequestReaderTest, ABodyIsHandedOutInPiecesOfBoundedSize) {
  RequestReader reader(kMaxHeaderBytes);
  const std::string body(1 << 20, 'x');
  reader.Append(absl::StrCat("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ",
                             body.size(), "\r\n\r\n", body));
  Request request;
  ASSERT_TRUE(*reader.ReadHeader(&request));
  size_t read = 0;
  while (!reader.is_complete()) {
    const std::string piece = *reader.ReadBody();
    EXPECT_LE(piece.size(), 16u << 10);
    read += piece.size();
  }
  EXPECT_EQ(read, body.size());
}

TEST(RequestReaderTest, RequestsThatAProxyMayUnderstandDifferentlyAreRefused) {
  const std::vector<std::string> smuggled = {
      // Two lengths, or a length beside chunks.
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
      "Transfer-Encoding: chunked",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Content-Length: 3",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999",
      // Encodings that look like chunked.
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked",
      "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked",
      // Malformed lines.
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 3",
      "POST / HTTP/1.1\r\nHost: x\r\n: empty",
      "POST / HTTP/1.1\r\nHost: x\r\nA\001B: c",
      "POST / HTTP/1.1\nHost: x\n",
      "GET /\001 HTTP/1.1\r\nHost: x",
      "GET  / HTTP/1.1\r\nHost: x",
      "GET / HTTP/1.1 \r\nHost: x",
      // Targets and hosts.
      "GET / HTTP/1.1",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: y",
      "GET relative HTTP/1.1\r\nHost: x",
      "CONNECT x:443 HTTP/1.1\r\nHost: x",
      "GET / HTTP/2.0\r\nHost: x",
      "PRI * HTTP/2.0",
  };
  for (const std::string& head : smuggled) {
    EXPECT_GE(StatusOfReading(absl::StrCat(head, "\r\n\r\n")), 400) << head;
  }
}

TEST(RequestReaderTest, MalformedChunksAreRefused) {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string chunks :
       {"x\r\nabc\r\n", "-3\r\nabc\r\n", "3\r\nabcd\r\n", "\r\nabc\r\n",
        "fffffffffffffffff\r\na\r\n"}) {
    EXPECT_EQ(BodyOf(absl::StrCat(head, chunks, "0\r\n\r\n")).status().code(),
              absl::StatusCode::kInvalidArgument)
        << chunks;
  }
  // The end of a chunk's header never comes.
  EXPECT_EQ(BodyOf(absl::StrCat(head, "3;", std::string(100'000, 'x')))
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(RequestReaderTest, HeadersAreLimitedInSizeAndNumber) {
  EXPECT_EQ(StatusOfReading(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nA: ",
                                         std::string(20'000, 'a'))),
            431);
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, "a", i, ": b\r\n");
  EXPECT_EQ(StatusOfReading(many + "\r\n"), 431);
}

TEST(RequestReaderTest, AnAbsoluteTargetIsReadAsItsPath) {
  RequestReader reader(kMaxHeaderBytes);
  reader.Append("GET http://host:1/a?b HTTP/1.1\r\nHost: x\r\n\r\n");
  Request request;
  ASSERT_TRUE(*reader.ReadHeader(&request));
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.query, "b");
}

TEST(ResponseWriterTest, AValueWithALineBreakMakesNoHeader) {
  Response response;
  response.headers = {{"X-Request-Id", "a\r\nSet-Cookie: b"}};
  EXPECT_THAT(WholeResponse(response, /*is_head=*/false, /*will_close=*/false),
              HasSubstr("X-Request-Id: a  Set-Cookie: b\r\n"));
}

}  // namespace
}  // namespace portrait::http
