"""What somebody could write to become a part of a page."""

ODD = {
    "an attribute": '" onfocus="alert(1)" autofocus="',
    "htmx": "<div hx-get=/chat/leave hx-trigger=load>",
    "htmx in an attribute": '" hx-on:click="alert(1)',
    "a script": "<script>alert(1)</script>",
    "the end of the field": "</textarea><script>alert(1)</script>",
    "the end of the list": "</div></li></ol><iframe src=//evil.example></iframe>",
    "a picture": '"><img src=x onerror=alert(1)>',
    "a drawing": "'><svg/onload=alert(1)>",
    "a link": '<a href="javascript:alert(1)">Read on</a>',
    "our own markup": '</blockquote><b><a href="https://evil.example">Read on</a>',
    "a comment": "<!-- ",
    "a template": "{{ 7*7 }}{% raw %}${7*7}",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "an event of a stream": "x\r\n\r\nevent: evil\r\ndata: <script>alert(1)</script>\r\n\r\n",
    "controls": "\x00<b>\u202e\u2028\ufffe",
}
