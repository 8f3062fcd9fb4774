"""Mail, by Amazon SES: plain text, and HTML that says the same; one recipient, one purpose."""

from email.message import EmailMessage

from chalicelib.kit.aws import client
from chalicelib.kit.settings import settings


def send(to: str, *, subject: str, text: str, html: str = "") -> None:
    """Hand one mail to SES; raises botocore's ClientError when it will not take it."""
    message = EmailMessage()
    message["From"] = settings().mail_from
    message["To"] = to
    message["Subject"] = subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    client("sesv2").send_email(
        FromEmailAddress=settings().mail_from,
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": message.as_bytes()}},
    )
