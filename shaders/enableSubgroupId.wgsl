enable subgroups;
requires subgroup_id;
