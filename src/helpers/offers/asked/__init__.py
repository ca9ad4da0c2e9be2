"""What people were asked outright: tastes that differ from person to person, best and worst of several, prices."""
