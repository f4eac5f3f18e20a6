"""A theme of a few lines: Material takes a second and a half to compile and to list its icons."""

import re

TEMPLATES = {
    "base.html": """
<!doctype html>
<html lang="{{ config.theme.language }}">
<head><meta charset="utf-8"><title>{{ config.site_name }}</title>
{% if page %}<link rel="canonical" href="{{ page.canonical_url }}">{% endif %}</head>
<body>{% block content %}{% endblock %}{% block footer %}{% endblock %}</body>
</html>
""",
    "main.html": """
{% extends "base.html" %}
{% block content %}<article>{{ page.content }}</article>{% endblock %}
""",
    "404.html": """
{% extends "base.html" %}
""",
}
SETTINGS = """\
theme:
  name: null
  custom_dir: docs/_theme
  language: en
  static_templates: [404.html]
"""
THEME = re.compile(r"^theme:\n(  .*\n)+", re.MULTILINE)
"""The settings of the theme in mkdocs.yml."""
