#include "core/whatsapp/node_codec.h"

#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/compression.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/vectors.h"

namespace portrait::whatsapp {
namespace {

using ::portrait::testing::Hex;
using ::portrait::testing::Json;
using ::portrait::testing::NodeOf;
using ::portrait::testing::Vectors;
using ::testing::HasSubstr;

std::string FromHex(absl::string_view digits) {
  return absl::HexStringToBytes(digits);
}

// An empty list of children equals no content.
Node Normalized(Node node) {
  if (auto* children = std::get_if<Node::Children>(&node.content)) {
    for (Node& child : *children) child = Normalized(std::move(child));
    if (children->empty()) node.content = std::monostate();
  }
  return node;
}

TEST(NodeCodecVectorTest, WritesAndReadsEachVectorByteForByte) {
  const std::vector<Json> vectors = Vectors("nodes.json");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    const std::string wire = Hex(vector["hex"]);
    if (vector["mode"].text == "both") {
      EXPECT_EQ(absl::BytesToHexString(EncodeNode(NodeOf(vector["node"]))),
                vector["hex"].text);
    }
    const Json& expected =
        vector["decoded"].is_null() ? vector["node"] : vector["decoded"];
    const absl::StatusOr<Node> decoded = DecodeNode(wire);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(Normalized(*decoded), Normalized(NodeOf(expected)))
        << decoded->DebugString();
  }
}

TEST(NodeCodecVectorTest, RefusesEachMalformedVector) {
  const std::vector<Json> vectors = Vectors("nodes_malformed.json");
  ASSERT_FALSE(vectors.empty());
  for (const Json& vector : vectors) {
    SCOPED_TRACE(vector["name"].text);
    const absl::StatusOr<Node> decoded = DecodeNode(Hex(vector["hex"]));
    EXPECT_EQ(decoded.status().code(), absl::StatusCode::kInvalidArgument)
        << vector["reason"].text;
  }
}

TEST(NodeCodecTest, SaysWhereAStanzaCannotBeRead) {
  EXPECT_THAT(DecodeNode(FromHex("00f801f2")).status().message(),
              HasSubstr("at byte 3"));
  EXPECT_THAT(DecodeNode(FromHex("00f8014c00")).status().message(),
              HasSubstr("bytes follow the node at byte 3"));
}

TEST(NodeCodecTest, RefusesAStanzaCutAtAnyByte) {
  const std::string wire = EncodeNode(MakeNode(
      "iq", {{"from", ServerJid()}, {"id", "31.7-4"}, {"x", "ABC"}},
      Node::Children{
          MakeNode("user", {{"jid", Jid{"15551230001", kUserServer, 12}}}),
          MakeNode("data", {}, Node::Bytes{std::string(300, 'x')})}));
  ASSERT_TRUE(DecodeNode(wire).ok());
  for (size_t cut = 0; cut < wire.size(); ++cut) {
    SCOPED_TRACE(absl::StrCat("cut after byte ", cut));
    EXPECT_FALSE(DecodeNode(wire.substr(0, cut)).ok());
  }
}

TEST(NodeCodecTest, RefusesTextThatIsNotUtf8ButKeepsSuchBytes) {
  for (const char* bad : {"ff", "c080", "eda080", "f4908080", "e282"}) {
    SCOPED_TRACE(bad);
    const std::string data = FromHex(bad);
    const std::string raw = absl::StrCat(
        "\xFC", std::string(1, static_cast<char>(data.size())), data);
    const std::string x = FromHex("fc0178");
    const std::string head = FromHex("00f8");
    EXPECT_FALSE(DecodeNode(absl::StrCat(head, "\x01", raw)).ok());
    EXPECT_FALSE(DecodeNode(absl::StrCat(head, "\x03", x, raw, x)).ok());
    EXPECT_FALSE(DecodeNode(absl::StrCat(head, "\x03", x, x, raw)).ok());
    const absl::StatusOr<Node> bytes =
        DecodeNode(absl::StrCat(head, "\x02", x, raw));
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(bytes->Data(), data);
  }
}

TEST(NodeCodecTest, TakesTheLastOfRepeatedAttributes) {
  const absl::StatusOr<Node> few =
      DecodeNode(FromHex("00f805fc0178fc0161fc0131fc0161fc0132"));
  ASSERT_TRUE(few.ok());
  EXPECT_EQ(*few, MakeNode("x", {{"a", "2"}}));

  std::string many = FromHex("00f9270ffc0178");  // 4999 attributes
  for (int i = 0; i < 4999; ++i) {
    absl::StrAppend(&many, FromHex("fc0161fc01"), i == 4998 ? "z" : "y");
  }
  const absl::StatusOr<Node> decoded = DecodeNode(many);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, MakeNode("x", {{"a", "z"}}));
}

TEST(NodeCodecTest, NestsToItsLimitAndNoFurther) {
  for (const size_t depth : {kMaxNodeDepth, kMaxNodeDepth + 1}) {
    Node node = MakeNode("leaf");
    for (size_t i = 1; i < depth; ++i) {
      node = MakeNode("x", {}, Node::Children{std::move(node)});
    }
    EXPECT_EQ(DecodeNode(EncodeNode(node)).ok(), depth == kMaxNodeDepth);
  }
}

TEST(NodeCodecTest, StopsInflatingAtTheLimit) {
  const std::string bomb =
      "\x02" + Deflate(std::string(kMaxInflatedBytes + 1, '\0'));
  EXPECT_THAT(DecodeNode(bomb).status().message(),
              HasSubstr("inflates to more than 16777216 bytes"));
}

TEST(NodeCodecTest, CountsPartsRatherThanFillingMemory) {
  // Lists of 65535 empty elements, three bytes each.
  std::string bare = FromHex("f802fc0178f80a");
  for (int list = 0; list < 10; ++list) {
    absl::StrAppend(&bare, FromHex("f802fc0178f9ffff"));
    for (int i = 0; i < 65535; ++i) absl::StrAppend(&bare, "\xF8\x01\x19");
  }
  EXPECT_THAT(DecodeNode("\x02" + Deflate(bare)).status().message(),
              HasSubstr("parts"));
}

// Random nodes with everything that the binary form distinguishes.
class RandomNodes {
 public:
  Node Next(int depth = 0) {
    Node node = MakeNode(Word());
    const int attributes = Below(5);
    for (int i = 0; i < attributes; ++i) {
      node.SetAttribute(Word(), Below(3) == 0 ? AttributeValue(SomeJid())
                                              : AttributeValue(Text()));
    }
    switch (Below(depth < 4 ? 5 : 2)) {
      case 0:
        break;
      case 1:
        node.content = Node::Bytes{std::string(Below(400), '\xFE')};
        break;
      case 2:
        node.content = SomeJid();
        break;
      default: {
        const int children = Below(4);
        for (int i = 0; i < children; ++i) node.AddChild(Next(depth + 1));
      }
    }
    return node;
  }

 private:
  int Below(int bound) {
    return std::uniform_int_distribution<int>(0, bound - 1)(engine_);
  }
  std::string Word() {
    static constexpr const char* kWords[] = {"iq",  "user",         "tctoken",
                                             "x-y", "stream:error", "4711"};
    return kWords[Below(6)];
  }
  std::string Text() {
    static constexpr const char* kAlphabets[] = {
        "0123456789-.", "0123456789ABCDEF", "abc xyz", "12:ab"};
    const absl::string_view alphabet = kAlphabets[Below(4)];
    std::string text;
    const int size = Below(140);
    for (int i = 0; i < size; ++i) {
      text.push_back(alphabet[Below(static_cast<int>(alphabet.size()))]);
    }
    return text;
  }
  Jid SomeJid() {
    static const Jid kJids[] = {
        ServerJid(),
        {"15551230001", kUserServer, 0},
        {"15551230001", kUserServer, 255},
        {"99887766554433", kLidServer, 3},
        {"99887766554433", kHostedLidServer, 99},
        {"15551230001", kHostedServer, 0},
        {"49151-1610000000", kGroupServer, 0},
        {"10012345", kMessengerServer, 700},
        {"", kMessengerServer},
        {"", kInteropServer},
        {"4412345678", kInteropServer, 3, 2},
    };
    return kJids[Below(11)];
  }

  std::mt19937 engine_{20251121};
};

TEST(NodeCodecTest, ReadsBackWhateverItWrites) {
  RandomNodes random;
  for (int i = 0; i < 2000; ++i) {
    SCOPED_TRACE(i);
    const Node node = random.Next();
    const absl::StatusOr<Node> plain = DecodeNode(EncodeNode(node));
    ASSERT_TRUE(plain.ok()) << plain.status();
    EXPECT_EQ(*plain, node);
    const absl::StatusOr<Node> packed = DecodeNode(EncodeCompressedNode(node));
    ASSERT_TRUE(packed.ok()) << packed.status();
    EXPECT_EQ(*packed, node);
  }
}

TEST(NodeCodecTest, SurvivesAnyDamage) {
  RandomNodes random;
  std::mt19937 engine(4711);
  for (int i = 0; i < 5000; ++i) {
    std::string wire = EncodeNode(random.Next());
    const int flips = 1 + static_cast<int>(engine() % 4);
    for (int k = 0; k < flips; ++k) {
      wire[engine() % wire.size()] = static_cast<char>(engine());
    }
    // An accepted node can be encoded and decoded again.
    const absl::StatusOr<Node> decoded = DecodeNode(wire);
    if (decoded.ok()) {
      EXPECT_TRUE(DecodeNode(EncodeNode(*decoded)).ok());
    }
  }
}

}  // namespace
}  // namespace portrait::whatsapp
