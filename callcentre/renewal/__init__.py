"""Taking up a changed configuration while calls go on: checked whole, prepared, and begun anew with it.

``checking`` says what is wrong, ``lasting`` what cannot change while calls go on, ``sources`` where the
configuration lies, ``renewal`` the whole way, ``handover`` how one process makes way for the next.
"""
