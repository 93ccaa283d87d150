#include "client/cli/picture_downloads.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cli {
namespace {

v1::ImageMetadata Metadata(const std::string& id, const std::string& type) {
  v1::ImageMetadata metadata;
  metadata.set_id(id);
  metadata.set_content_type(type);
  return metadata;
}

TEST(PictureFileNameTest, ConsistsOfContactAndPictureId) {
  const v1::ImageMetadata jpeg = Metadata("1736000000", "image/jpeg");
  for (const char* contact :
       {"+13105551234", "+1 (310) 555-1234", "13105551234@s.whatsapp.net"}) {
    EXPECT_EQ(PictureFileName(contact, jpeg, 0), "13105551234-1736000000.jpg");
  }
  EXPECT_EQ(PictureFileName("+13105551234", jpeg, 96),
            "13105551234-1736000000-96.jpg");
  EXPECT_EQ(PictureFileName("1203630@g.us", Metadata("7", "image/webp"), 0),
            "1203630@g.us-7.webp");
  EXPECT_EQ(PictureFileName("5@lid", Metadata("7", "image/png"), 0),
            "5@lid-7.png");
}

TEST(PictureFileNameTest, NamesNoFileOutsideOfTheFolder) {
  const std::string name =
      PictureFileName("../../x@lid", Metadata("../y\n/z", "text/html"), 0);
  EXPECT_EQ(name, "_._.._x@lid-_._y__z.jpg");
  EXPECT_EQ(PictureFileName("..", Metadata("..", ""), 0), "-_..jpg");
}

}  // namespace
}  // namespace portrait::cli
