drop function app_redact(text, text, text, text, text, smallint, jsonb);
drop function app_redacted_report(jsonb, text, text);
drop function app_redacted_comments(jsonb, text, text);
drop function app_redacted_import(jsonb, text, text, text);
drop function app_is_import_row_of(jsonb, text, text, text);
drop function app_redacted_import_row(jsonb);
-- That something was redacted is not forgotten: the row stays, under the nearest word there was.
update journal set operation = 'overwrite' where operation = 'redact';
alter table journal drop constraint journal_operation_known;
alter table journal add constraint journal_operation_known
    check (operation in ('create', 'replace', 'overwrite', 'delete', 'transition'));
alter table published_records drop column redacted;
alter table records drop column redacted;
