"""Runs a program beside moto, a real S3 server, on the loopback.

with_s3.py BUILD_FOLDER PROGRAM [ARGUMENT…]

PROGRAM may also be a Python file, which can import boto3. It gets S3_ENDPOINT, and
the keys of a user that may do everything, in the environment. The buckets "pictures" and "versioned" exist. At the first run,
pip installs moto into the build tree; the exit status is 77 if it cannot.
"""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1])
POLICY = ('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
          '"Action": "*", "Resource": "*"}]}')
# The calls below that make the user, before moto checks any key.
CALLS_WITHOUT_KEY = 3


def install():
    """Runs this script again with the Python that has moto."""
    venv = BUILD / "moto"
    python = venv / "bin" / "python3"
    done = venv / "installed"
    if not done.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", venv], check=True,
                           timeout=120)
            subprocess.run([python, "-m", "pip", "install", "--quiet",
                            "--require-hashes", "--only-binary", ":all:",
                            "-r", HERE / "moto_requirements.txt"],
                           check=True, timeout=400)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"SKIPPED: moto cannot be installed: {error}")
            sys.exit(77)
        done.touch()
    os.execv(python, [python, __file__, *sys.argv[1:]])


def main():
    os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(CALLS_WITHOUT_KEY)
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    no_key = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    iam = boto3.client("iam", endpoint_url=endpoint, **no_key)
    iam.create_user(UserName="portrait")
    iam.put_user_policy(UserName="portrait", PolicyName="all",
                        PolicyDocument=POLICY)
    key = iam.create_access_key(UserName="portrait")["AccessKey"]
    s3 = boto3.client("s3", endpoint_url=endpoint,
                      aws_access_key_id=key["AccessKeyId"],
                      aws_secret_access_key=key["SecretAccessKey"])
    s3.create_bucket(Bucket="pictures")
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned",
                             VersioningConfiguration={"Status": "Enabled"})
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("AWS_")}
    environment.update(S3_ENDPOINT=endpoint,
                       AWS_ACCESS_KEY_ID=key["AccessKeyId"],
                       AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
    command = sys.argv[2:]
    if command[0].endswith(".py"):
        command = [sys.executable, *command]
    try:
        return subprocess.run(command, env=environment, timeout=800,
                              check=False).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    if sys.prefix == sys.base_prefix:
        install()
    sys.exit(main())
