"""A network whose portraitd keeps images."""

from network import Network


class ImageNetwork(Network):
    """A context manager, as Network. Without `cdn`, the server knows no image
    server, and can fetch none."""

    def __init__(self, cdn=True, server_flags=(), **more):
        # Without TLS, as the fetcher knows only public certificate authorities.
        super().__init__(**{**more, "tls": False})
        self.cdn = cdn
        self.more_flags = list(server_flags)

    def start_server(self, listen=None):
        self.server_flags = [
            "--images", self.folder / "kept", "--http-listen", "127.0.0.1:0",
            *(["--images-cdn", self.endpoints["cdn"]] if self.cdn else []),
            *self.more_flags]
        super().start_server(listen)
