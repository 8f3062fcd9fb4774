"""Mail, by Amazon SES: plain text, one recipient, one purpose."""

from email.message import EmailMessage

from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings


def send(to: str, *, subject: str, text: str) -> None:
    """Hand one mail to SES; raises botocore's ClientError when it will not take it."""
    message = EmailMessage()
    message["From"] = settings().mail_from
    message["To"] = to
    message["Subject"] = subject
    message.set_content(text)
    client("sesv2").send_email(
        FromEmailAddress=settings().mail_from,
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": message.as_bytes()}},
    )
