-- Attachments whose content the record platform has, so that each is sent once and not with every transaction of its call.
CREATE TABLE platform_contents (
  call_id text NOT NULL,
  attachment_id text NOT NULL,
  sent_at timestamptz NOT NULL,
  PRIMARY KEY (call_id, attachment_id),
  FOREIGN KEY (call_id, attachment_id) REFERENCES care_attachments ON DELETE CASCADE
);
