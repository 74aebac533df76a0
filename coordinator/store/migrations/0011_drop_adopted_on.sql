-- Nobody reads when a job was adopted: its events tell what came after.
alter table job drop column adopted_on;
