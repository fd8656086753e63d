"""Names of default bases."""

import numpy as np

from datasets.geo import names_of_places


def test_the_largest_city_nearby_gives_the_name() -> None:
    """Irving lies in Dallas' reach; the second base of a name is numbered; a lonely place takes the nearest city."""
    latitude, longitude = np.array([32.81, 32.78, 45.76, 64.0]), np.array([-96.95, -96.80, 4.84, -21.0])
    assert names_of_places(latitude, longitude)[:3] == ["Dallas, TX", "Dallas, TX 2", "Lyon, FR"]
    assert names_of_places(latitude, longitude)[3].endswith(", IS")
