-- Makes authz.role_inheritance: which roles a role contains. There is no cycle in it, by its constraints alone: every row
-- leads from a higher level to a lower one, and both levels are held to those of the roles by foreign keys. That also holds
-- where two sessions write at once, at every isolation level, and no trigger has to look for it.
-- Locks: its foreign keys take SHARE ROW EXCLUSIVE on authz.roles.

CREATE TABLE authz.role_inheritance (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  role_id uuid NOT NULL,
  role_level smallint NOT NULL,
  parent_id uuid NOT NULL,
  parent_level smallint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT role_inheritance_pkey PRIMARY KEY (id),
  CONSTRAINT role_inheritance_once UNIQUE (role_id, parent_id),
  CONSTRAINT role_inheritance_role_fkey FOREIGN KEY (role_id, role_level)
    REFERENCES authz.roles (id, level) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT role_inheritance_parent_fkey FOREIGN KEY (parent_id, parent_level)
    REFERENCES authz.roles (id, level) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT role_inheritance_downwards CHECK (parent_level < role_level)
);

CREATE INDEX idx_role_inheritance_role ON authz.role_inheritance (role_id, role_level);
CREATE INDEX idx_role_inheritance_parent ON authz.role_inheritance (parent_id, parent_level);

CREATE FUNCTION authz.fill_levels() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
AS $$
BEGIN
  SELECT level INTO NEW.role_level FROM authz.roles WHERE id = NEW.role_id;
  SELECT level INTO NEW.parent_level FROM authz.roles WHERE id = NEW.parent_id;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION authz.fill_levels() IS
  'Trigger BEFORE INSERT: copies the levels of the two roles, so that nobody has to give them. Whether they still hold is checked by the foreign keys.';

CREATE TRIGGER role_inheritance_levels BEFORE INSERT ON authz.role_inheritance
  FOR EACH ROW EXECUTE FUNCTION authz.fill_levels();
CREATE TRIGGER role_inheritance_fixed BEFORE UPDATE ON authz.role_inheritance
  FOR EACH ROW WHEN ((OLD.id, OLD.role_id, OLD.parent_id) IS DISTINCT FROM (NEW.id, NEW.role_id, NEW.parent_id))
  EXECUTE FUNCTION authz.refuse_change('id, role_id or parent_id');
CREATE TRIGGER role_inheritance_same_organisation AFTER INSERT ON authz.role_inheritance
  FOR EACH ROW EXECUTE FUNCTION authz.require_role_in_reach('parent_id', 'role_id');

COMMENT ON TABLE authz.role_inheritance IS 'Which roles a role contains: whoever has role_id may do all that parent_id allows, and what that contains in turn. Without cycles, because it leads from higher levels to lower ones.';
COMMENT ON COLUMN authz.role_inheritance.id IS 'Identity of the row. Never changes.';
COMMENT ON COLUMN authz.role_inheritance.role_id IS 'The role that contains the other. Never changes.';
COMMENT ON COLUMN authz.role_inheritance.role_level IS 'Its level: copied by a trigger, kept equal by the foreign key.';
COMMENT ON COLUMN authz.role_inheritance.parent_id IS 'The role that is contained: of the same organisation or of the system. Never changes.';
COMMENT ON COLUMN authz.role_inheritance.parent_level IS 'Its level: copied by a trigger, kept equal by the foreign key.';
COMMENT ON COLUMN authz.role_inheritance.created_at IS 'Since when.';
COMMENT ON CONSTRAINT role_inheritance_downwards ON authz.role_inheritance IS 'Keeps the hierarchy free of cycles.';
COMMENT ON CONSTRAINT role_inheritance_once ON authz.role_inheritance IS 'A role contains another once; finds what a role contains.';
COMMENT ON INDEX authz.idx_role_inheritance_role IS 'Serves the foreign key to authz.roles by which a changed level follows.';
COMMENT ON INDEX authz.idx_role_inheritance_parent IS 'Finds the roles that contain one; serves the foreign key to authz.roles.';
